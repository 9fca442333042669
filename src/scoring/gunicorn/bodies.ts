/**
 * Python that gives scripts of JSON the body of a form type too, which `curl -d` and `requests.post(data=…)` say by
 * themselves. Werkzeug takes such a body for a form and leaves nothing of it where the server reads.
 *
 * Scripts with `@rawhttp` see what they always saw.
 */
export const BODIES = `
def read_bodies_whole(app):
    aml_request = sys.modules.get("azureml.contrib.services.aml_request")
    if getattr(aml_request, "_rawHttpRequested", True):
        return

    class WholeRequest(app.request_class):
        @property
        def data(self):
            return self.get_data()

    app.request_class = WholeRequest
`;
