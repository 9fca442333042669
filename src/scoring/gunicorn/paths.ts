/** Python that says at DEBUG, before the script is loaded, where it is looked for and what lies where models do. */
export const PATHS = `
MOST_ENTRIES = 200


def entries_below(folder, indent):
    """A line for each file and folder, in depth first."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield f"{indent}({error.strerror})"
        return
    for entry in entries:
        if entry.is_dir():
            yield f"{indent}{entry.name}/"
            yield from entries_below(entry.path, indent + "  ")
        else:
            size = f"{entry.stat().st_size} bytes" if entry.is_file() else "a link to nothing"
            yield f"{indent}{entry.name}  {size}"


def log_paths():
    root = os.environ.get("AML_APP_ROOT", "/var/azureml-app")
    script = os.path.join(root, os.environ.get("AZUREML_ENTRY_SCRIPT", "main.py"))
    models = os.path.join(root, "azureml-models")
    directory = os.environ.get("AZUREML_MODEL_DIR")
    lines = [
        "What the scoring script finds:",
        f"  AZUREML_ENTRY_SCRIPT={os.environ.get('AZUREML_ENTRY_SCRIPT', '')}",
        f"  AZUREML_MODEL_DIR={directory or ''}",
        f"  the script {script}, which is {'' if os.path.isfile(script) else 'not '}there",
    ]
    elsewhere = directory and not os.path.join(directory, "").startswith(os.path.join(models, ""))
    for folder in [models, directory] if elsewhere else [models]:
        lines.append(f"  {folder}/")
        found = entries_below(folder, "    ")
        lines += itertools.islice(found, MOST_ENTRIES)
        if next(found, None) is not None:
            lines.append(f"    (and more: these are the first {MOST_ENTRIES})")
    # this stream writes any name of a file, and the block as a whole
    sys.stderr.write("\\n".join([*lines, ""]))
    sys.stderr.flush()
`;
