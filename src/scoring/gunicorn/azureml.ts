/**
 * Python that stands in for `Model.get_model_path` of azureml-core 1.61, which images need not have: it brings dozens of
 * packages for one function of a few lines, and does not import in each environment.
 *
 * Where azureml-core can be imported scripts get it, and nothing of it is imported before they ask. Other packages below
 * `azureml` are left alone.
 */
export const AZUREML = `
class AzuremlException(Exception):
    """Base of the exceptions of azureml-core, which keep their text as message."""

    def __init__(self, exception_message):
        super().__init__(exception_message)
        self.message = exception_message


class WebserviceException(AzuremlException):
    pass


class ModelNotFoundException(AzuremlException):
    pass


class LookUpOnly(type):
    """Says of everything that azureml-core's Model has besides what is missing."""

    def __getattr__(cls, name):
        raise AttributeError(azureml_finder.missing(f"Model.{name}"))


class Model(metaclass=LookUpOnly):
    """Model of azureml-core, as far as scripts need it: it finds the files of a model."""

    def __init__(self, *args, **kwargs):
        raise ImportError(azureml_finder.missing("Model(...)"))

    @staticmethod
    def get_model_path(model_name, version=None, _workspace=None):
        from azureml.exceptions import ModelNotFoundException, WebserviceException

        if model_name is None:
            raise WebserviceException("model_name must be the name of a model; got None")
        if version is not None and not isinstance(version, int):
            raise WebserviceException(f"version must be an int; got {version!r}")
        if _workspace is not None:
            raise ImportError(azureml_finder.missing("Model.get_model_path with a workspace"))
        root = os.path.join(os.environ.get("AML_APP_ROOT", ""), "azureml-models")
        folder = os.path.join(root, model_name)
        if os.path.exists(folder):
            path = os.path.join(folder, str(newest_version(folder) if version is None else version))
            if os.path.exists(path):
                return only_entry(path)
        if os.path.exists(model_name):
            return model_name
        where = f"in {root}, which holds {named(models_in(root))}, nor {model_name} in {os.getcwd()}"
        if version is None:
            raise ModelNotFoundException(f"no model '{model_name}' {where}")
        raise WebserviceException(f"no version {version} of model '{model_name}' {where}")


def newest_version(folder):
    from azureml.exceptions import WebserviceException

    versions = versions_in(folder)
    if not versions:
        raise WebserviceException(f"{folder} holds no version of the model, but {named(os.listdir(folder))}")
    return max(versions)


def only_entry(path):
    from azureml.exceptions import WebserviceException

    entries = os.listdir(path)
    if len(entries) == 1:
        return os.path.join(path, entries[0])
    raise WebserviceException(
        f"Model.get_model_path gives the path of the one file or folder in {path}, which holds {named(entries)}; "
        "give the model one folder around them, or join AZUREML_MODEL_DIR and their names"
    )


def versions_in(folder):
    return [int(entry) for entry in os.listdir(folder) if entry.isdecimal()]


def models_in(root):
    folders = os.scandir(root) if os.path.isdir(root) else []
    return [f"{each.name}/{version}" for each in folders if each.is_dir() for version in versions_in(each.path)]


def named(names):
    shown = sorted(names)
    return ", ".join(shown[:20] + (["..."] if len(shown) > 20 else [])) or "nothing"


class AzuremlFinder(importlib.abc.MetaPathFinder):
    """Finds azureml-core, or what stands in for it."""

    STAND_INS = {
        "azureml.core": [Model],
        "azureml.core.model": [Model],
        "azureml.exceptions": [ModelNotFoundException, WebserviceException],
    }

    def __init__(self):
        self.replaced = set()
        self.is_trying = False
        self.state = "is not installed"
        self.remedy = "add the pip package azureml-core to the environment"

    def missing(self, what):
        return f"{what} needs azureml-core, which {self.state}; Model.get_model_path works without it; {self.remedy}"

    def failed(self, error):
        state = f"cannot be imported here ({type(error).__name__}: {error})"
        if state != self.state:
            logging.getLogger("azmlinfsrv").warning("azureml-core %s; Model.get_model_path works all the same", state)
        self.state = state
        self.remedy = "mend that import"

    def find_spec(self, name, path=None, target=None):
        package = name.rpartition(".")[0]
        if self.is_trying or (name != "azureml" and name not in self.STAND_INS and package not in self.replaced):
            return None
        spec = None if package in self.replaced else self.find_real(name, path, target)
        if name == "azureml":
            # a package without folders, until others have some
            return spec or importlib.machinery.ModuleSpec(name, None, is_package=True)
        if name not in self.STAND_INS:
            # a name that is imported from a stand-in is looked for here too
            raise ModuleNotFoundError(self.missing(name))
        if spec is None:
            return importlib.machinery.ModuleSpec(name, StandIn(self), is_package=True)
        spec.loader = StandIn(self, spec.loader)
        return spec

    def find_real(self, name, path, target):
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if finder is not self else None
            if spec is not None:
                return spec
        return None


class StandIn(importlib.abc.Loader):
    """Loads a module of azureml-core, and puts the stand-in there when that is missing or fails."""

    def __init__(self, finder, real=None):
        self.finder = finder
        self.real = real

    def create_module(self, spec):
        return self.real and self.real.create_module(spec)

    def exec_module(self, module):
        if self.real is None or not self.try_real(module):
            self.replace(module)

    def try_real(self, module):
        module.__spec__.loader = module.__loader__ = self.real
        before = set(sys.modules)
        self.finder.is_trying = True
        try:
            self.real.exec_module(module)
            return True
        except Exception as error:
            for name in [name for name in sys.modules if name.startswith("azureml.") and name not in before]:
                del sys.modules[name]
            self.finder.failed(error)
            return False
        finally:
            self.finder.is_trying = False

    def replace(self, module):
        for member in [member for member in vars(module) if not member.startswith("__")]:
            delattr(module, member)
        module.__path__ = []
        for member in self.finder.STAND_INS[module.__name__]:
            setattr(module, member.__name__, member)
        self.finder.replaced.add(module.__name__)


for each, module in (Model, "core.model"), (ModelNotFoundException, "exceptions"), (WebserviceException, "exceptions"):
    each.__module__ = f"azureml.{module}"
azureml_finder = AzuremlFinder()
`;
