"""Only permissive code is learnt from: by what a package declares, and by what each file says."""

import pytest
from tests.complete.corpus.archives import deb, npm, package, wheel

from learnsys.complete.corpus.licences import PERMISSIVE, check, copyleft, declaration, permissive
from learnsys.complete.corpus.pinned import pinned
from learnsys.complete.corpus.unpack import members
from learnsys.complete.languages import LANGUAGES
from learnsys.core.errors import InputError, WorkFailed


@pytest.mark.parametrize("key", LANGUAGES)
def test_every_pinned_package_is_permissive(key):
    assert not [p.name for p in pinned(key) if not permissive(p.licence)]


@pytest.mark.parametrize(
    ("licence", "is_permissive"),
    [
        ("MIT", True), ("MIT OR GPL-3.0-only", True), ("(GPL-2.0-only OR Apache-2.0)", True), ("MIT AND ISC", True),
        ("MIT AND GPL-2.0-only", False), ("LGPL-2.1-only", False), ("MPL-2.0", False), ("", False),
        ("UNLICENSED", False), ("CC-BY-NC-4.0", False), ("SEE LICENSE IN x", False),
    ],
)  # fmt: skip
def test_a_licence_is_permissive_if_one_choice_is_wholly(licence, is_permissive):
    assert permissive(licence) is is_permissive


@pytest.mark.parametrize("licence", sorted(PERMISSIVE))
def test_a_permissive_licence_is_recognised_in_a_declaration(licence, tmp_path):
    found = members(npm(tmp_path / "x.tgz", {}, licence=licence))
    check(package(licence=licence), found)


@pytest.mark.parametrize(
    "head",
    [
        "/* This library is free software; you can redistribute it and/or modify it under the terms of the GNU Lesser\n"
        " * General Public License as published by the Free Software Foundation */",
        "// SPDX-License-Identifier: LGPL-2.1+",
        "/* This file is part of libgit2, distributed under the GNU GPL v2 with a Linking Exception. */",
        "# GNU Affero General Public License, version 3",
        "/* This Source Code Form is subject to the terms of the Mozilla Public\n * License, v. 2.0. */",
        "// under the GPLv3",
    ],
)
def test_a_file_that_names_a_copyleft_licence_is_left_out(head):
    assert copyleft(head + "\nint x;")


@pytest.mark.parametrize(
    "head",
    [
        "// licensed under both the GPLv2 and Apache 2.0 License", "/* MIT license or GPLv3 */",
        "import matplotlib as mpl", "// Copyright 2020. All rights reserved.", "const GPLATES = 1",
        "// " + "x" * 5000 + " under the GPLv3",
    ],
)  # fmt: skip
def test_a_file_that_may_be_used_permissively_stays(head):
    assert not copyleft(head)


def test_declarations_are_read_where_each_registry_has_them(tmp_path):
    nested = {"node_modules/y/package.json": '{"license": "GPL-3.0"}'}
    assert "ISC" in declaration(package(), members(npm(tmp_path / "x.tgz", nested, licence="ISC")))
    old = npm(tmp_path / "y.tgz", {"package.json": '{"licenses": [{"type": "MIT"}]}'})
    assert "MIT" in declaration(package(), members(old))
    found = declaration(package(registry="pypi"), members(wheel(tmp_path / "x.whl", {"x/LICENSE": "GPL"})))
    assert found == "License-Expression: MIT"
    files = {"x-1.dist-info/licenses/LICENSE": "Permission is hereby granted, free of charge"}
    bare = members(wheel(tmp_path / "y.whl", files, metadata="Author: x"))
    check(package(registry="pypi", licence="MIT"), bare)


def test_a_debian_package_declares_the_licence_of_its_files_not_of_its_packaging(tmp_path):
    told = "Files: *\nCopyright: x\nLicense: Boost-1.0\n\nFiles: debian/*\nLicense: GPL-3\n"
    found = members(deb(tmp_path, {"usr/include/x.h": "int x;"}, told))
    assert declaration(package(registry="deb"), found) == "Boost-1.0"


def test_a_debian_package_without_a_copyright_file_speaks_by_the_heads_of_its_files():
    files = [("./usr/include/x.h", b"// Redistribution and use in source and binary forms, with or without")]
    check(package(registry="deb", licence="BSD-3-Clause"), files)


def test_a_package_that_is_not_permissive_is_refused():
    with pytest.raises(InputError, match=r"GPL-3.0.*not known as permissive.*leave it out"):
        check(package(licence="GPL-3.0"), [])


@pytest.mark.parametrize(("licence", "says"), [("GPL-3.0", "GPL-3.0"), ("", "nowhere")])
def test_an_archive_that_declares_another_licence_is_refused(tmp_path, licence, says):
    archive = npm(tmp_path / "x.tgz", {}, licence=licence)
    with pytest.raises(WorkFailed, match=says):
        check(package(licence="MIT"), members(archive))
