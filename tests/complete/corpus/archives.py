"""Small archives as the registries' own tools write them, and a registry that stands on PATH."""

import io
import json
import shutil
import subprocess
import tarfile
import zipfile

from learnsys.complete.corpus.types import Package

BODY = {
    "js": "function {name}(first, second) {{\n  const total = first.size + second.size;\n  return total * {n};\n}}\n",
    "py": "def {name}(first, second):\n    total = first.size + second.size\n    return total * {n}\n\n\n",
    "cpp": "int {name}(const Box& first) {{\n  auto total = first.size() + second.size();\n  return total * {n};\n}}\n",
}  # fmt: skip


def source(key, name, n=3):
    """Code that passes the filters and copies no other of another name."""
    lines = "".join(BODY[key].format(name=f"{name}_{i}", n=f"{len(name)}{i}") for i in range(n))
    return lines + "".join(f"{name}{i}({name}{i + 1}, {i});\n" for i in range(12))


def npm(path, files, licence="MIT"):
    """A tarball as ``npm pack`` writes it."""
    with tarfile.open(path, "w:gz") as tar:
        told = {"package.json": json.dumps({"name": "x", "license": licence}), **files}
        for name, text in told.items():
            info = tarfile.TarInfo(f"package/{name}")
            info.size = len(data := text.encode() if isinstance(text, str) else text)
            tar.addfile(info, io.BytesIO(data))
    return path


def wheel(path, files, metadata="License-Expression: MIT"):
    """A wheel as build backends write it."""
    with zipfile.ZipFile(path, "w") as file:
        for name, text in files.items():
            file.writestr(name, text)
        file.writestr("x-1.dist-info/METADATA", f"Metadata-Version: 2.4\nName: x\n{metadata}\n\nLicense: not this\n")
    return path


def deb(folder, files, copyright_="Files: *\nCopyright: 2026 x\nLicense: Expat\n"):
    """A package as ``dpkg-deb`` writes it."""
    root = folder / "root"
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"
    )
    for name, text in {**files, "usr/share/doc/x/copyright": copyright_}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "--build", str(root), str(folder / "x.deb")], check=True, capture_output=True
    )
    shutil.rmtree(root)
    return folder / "x.deb"


def package(name="x", *, registry="npm", language="js", split="train", licence="MIT", version="1", sha256=""):
    return Package(
        language=language, split=split, registry=registry, name=name, version=version, licence=licence, sha256=sha256
    )


def registry(bin_folder, archives):
    """An ``npm`` that knows the packages ``archives`` (name@version to tarball) and writes down what it was asked."""
    bin_folder.mkdir()
    cases = "".join(f"  {name}) cp '{path}' \"$6/\" ;;\n" for name, path in archives.items())
    tool = bin_folder / "npm"
    tool.write_text(
        f'#!/bin/sh\necho "$@" >> {bin_folder}/asked\n'
        f'case "$2" in\n{cases}  *) echo "404 Not Found" >&2; exit 1 ;;\nesac\n'
    )
    tool.chmod(0o755)
    return bin_folder / "asked"
