"""The import law of docs/architecture.md: which room may use which. Anything not listed is forbidden."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

LAW: dict[str, set[str]] = {
    "config": set(),
    "errors": set(),
    "extensions": set(),
    "serving": {"serving"},
    "models": {"models", "extensions"},
    "schemas": {"schemas", "models.enums"},
    "emit": {"extensions"},
    "mail": {"errors"},
    "store": {"extensions", "emit", "serving", "errors"},
    "platforms": {"platforms"},
    "actions": {"actions", "models", "schemas", "store", "emit", "mail", "platforms", "errors", "extensions"},
    "blueprints": {"blueprints", "actions", "schemas", "errors", "emit", "extensions", "models"},
    "cli": {"actions", "blueprints", "errors", "models", "schemas", "store"},
    "startup": {"actions", "serving", "store"},
    "app": {"config", "extensions", "errors", "store", "blueprints", "cli"},
    "wsgi": {"serving", "config", "app", "startup"},
    "migrations": set(),
    "bench": {"tests"},
    "chaos": {"chaos"},
    "simulator": {"simulator"},
    "docs": {"tests"},
}


def test_every_import_is_allowed() -> None:
    wrong = [
        f"{file.relative_to(ROOT)}:{line} imports {name}"
        for room, allowed in LAW.items()
        for file in _files(room)
        for name, line in _local_imports(file)
        if not _is_allowed(name, allowed)
    ]
    assert wrong == []


def test_every_room_has_its_line_in_the_law() -> None:
    assert {name.split(".")[0] for name in _local_names()} - {"tests"} == set(LAW)


def test_actions_do_not_know_the_request() -> None:
    for file in _files("actions"):
        names = {alias.name for node in _imports_from(file, "flask") for alias in node.names}
        assert names <= {"current_app"}, file


def test_blueprints_do_not_touch_the_database() -> None:
    for file in _files("blueprints"):
        names = {alias.name for node in _imports_from(file, "extensions") for alias in node.names}
        assert "db" not in names, file
        assert not _imports_from(file, "sqlalchemy"), file


def test_only_emit_emits_and_only_store_commits() -> None:
    for file in (file for room in LAW if (ROOT / room).is_dir() for file in _files(room)):
        source = file.read_text()
        assert "socketio.emit(" not in source, file
        assert ".commit(" not in source or file.parent.name == "migrations", file


def test_dashboard_and_widget_share_nothing_but_shared() -> None:
    for here, there in (("dashboard", "widget"), ("widget", "dashboard")):
        for file in (ROOT / "static" / here).rglob("*.js"):
            assert f"/{there}/" not in file.read_text(), file


def _files(room: str) -> list[Path]:
    single = ROOT / f"{room}.py"
    return [single] if single.exists() else sorted((ROOT / room).rglob("*.py"))


def _local_names() -> set[str]:
    modules = {file.stem for file in ROOT.glob("*.py")}
    folders = (folder for folder in ROOT.iterdir() if folder.is_dir() and not folder.name.startswith("."))
    packages = {folder.name for folder in folders if any(folder.rglob("*.py"))}
    return {name for name in modules | packages if not name.startswith(".")}


def _local_imports(file: Path) -> list[tuple[str, int]]:
    found = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [(alias.name, node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.append((node.module or "", node.lineno))
    local = _local_names()
    return [(name, line) for name, line in found if name.split(".")[0] in local and name not in sys.stdlib_module_names]


def _is_allowed(name: str, allowed: set[str]) -> bool:
    return any(name == entry or name.startswith(entry + ".") for entry in allowed)


def _imports_from(file: Path, module: str) -> list[ast.ImportFrom]:
    tree = ast.parse(file.read_text())
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [node for node in nodes if (node.module or "").split(".")[0] == module]
