"""No data becomes code: the package's own source, walked through for what would make it so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import dedup

PACKAGE = Path(dedup.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# modules that unpickle, or make objects of whatever class data names
FORBIDDEN_MODULES = {
    "cPickle", "cloudpickle", "dill", "joblib", "jsonpickle", "marshal", "multiprocessing", "pickle", "pickletools",
    "ruamel", "shelve", "yaml",
}  # fmt: skip
FORBIDDEN_BUILTINS = {"__import__", "compile", "eval", "exec"}
# of torch, numpy, pandas and os: unpickle, or start a shell
FORBIDDEN_CALLS = {"read_pickle", "to_pickle", "popen", "system", "unsafe_load", "full_load", "ProcessPoolExecutor"}
LOADERS = {"np", "numpy", "torch"}
MUST_BE = {"trust_remote_code": False, "allow_pickle": False, "shell": False, "weights_only": True}
XML_PARSERS = {"fromstring", "parse", "iterparse", "XML"}


def faults(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the line of each thing that could make code of data, and what it is."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, one.name) for one in names if one.name.split(".")[0] in FORBIDDEN_MODULES)
            case ast.ImportFrom(module=str(module), names=names):
                if module.split(".")[0] in FORBIDDEN_MODULES:
                    yield node.lineno, module
                for one in names:
                    if one.name in FORBIDDEN_CALLS or (module.startswith("xml.etree") and one.name in XML_PARSERS):
                        yield node.lineno, f"{module}.{one.name}"
                    if module in ("torch", "numpy") and one.name == "load":
                        yield node.lineno, f"{module}.load"
            case ast.Call(func=ast.Name(id=name)) if name in FORBIDDEN_BUILTINS | FORBIDDEN_CALLS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(attr=name)) if name in FORBIDDEN_CALLS:
                yield node.lineno, name
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr="load")) if module in LOADERS:
                yield node.lineno, f"{module}.load"
            case ast.Call(func=ast.Attribute(value=ast.Name(id="ElementTree" | "ET"), attr=name)) if (
                name in XML_PARSERS
            ):
                yield node.lineno, f"ElementTree.{name}"
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                if keyword.arg in MUST_BE and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is MUST_BE[keyword.arg]
                ):
                    yield node.lineno, keyword.arg


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "import numpy, marshal as m",
        "from pickle import loads",
        "from yaml import safe_load",
        "from concurrent.futures import ProcessPoolExecutor",
        "from torch import load",
        "def f(x):\n    return eval(x)",
        "exec(text)",
        "compile(text, '', 'eval')",
        "__import__(name)",
        "torch.load(path)",
        "np.load(path)",
        "numpy.load(path, allow_pickle=True)",
        "read(path, allow_pickle=flag)",
        "Model(name, trust_remote_code=True)",
        "Model(name, trust_remote_code=settings.trust)",
        "subprocess.run(command, shell=True)",
        "os.system(command)",
        "frame.to_pickle(path)",
        "pandas.read_pickle(path)",
        "from xml.etree.ElementTree import fromstring",
        "ElementTree.parse(path)",
    ],
)
def test_each_of_them_would_be_found(source: str) -> None:
    assert list(faults(ast.parse(source)))


def test_what_looks_like_them_is_left_alone() -> None:
    source = """
import re
from xml.etree.ElementTree import Element
pattern = re.compile("a")
model = model.eval()
found = json.load(file)
tensors = safetensors.numpy.load(data)
Model(name, trust_remote_code=False)
"""
    assert list(faults(ast.parse(source))) == []


def test_nothing_in_the_package_makes_code_of_data() -> None:
    assert len(MODULES) > 200
    found = [
        f"{path.relative_to(PACKAGE)}:{line}: {what}"
        for path in MODULES
        for line, what in faults(ast.parse(path.read_text("utf-8")))
    ]
    assert found == []


def test_weights_are_read_from_safetensors_without_code() -> None:
    """Every place that loads a model says so."""
    calls = [
        node
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SentenceTransformer"
    ]
    assert len(calls) == 1
    arguments = {one.arg: ast.literal_eval(one.value) for one in calls[0].keywords if one.arg != "device"}
    assert arguments["trust_remote_code"] is False
    assert arguments["model_kwargs"] == {"use_safetensors": True}
