"""Greeting, settings and folders, end to end."""

import asyncio

import pytest
from lsprotocol import types as lsp
from tests.complete.lsp.clients import at, connected, edit, labels, open_text, until

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 17), ("utf-16", 15), ("utf-32", 14)])
async def test_positions_are_counted_as_was_agreed(encoding, column):
    asked = lsp.ClientCapabilities(general=lsp.GeneralClientCapabilities(position_encodings=[encoding]))
    async with connected(asked) as client:
        open_text(client, "face = '\U0001f600'; fa")
        found = await client.text_document_completion_async(at(0, column))
        assert [i.label for i in found.items] == ["face"]
        assert found.items[0].text_edit.range == lsp.Range(lsp.Position(0, column - 2), lsp.Position(0, column))
        edit(client, 2, (0, column - 2, 0, column, ""), (0, 0, 0, 4, "mouth"), (0, column - 1, 0, column - 1, "m"))
        assert await labels(client, 0, column) == ["mouth"]


async def test_the_settings_are_those_of_the_editor():
    async with connected("visual_studio_code", configuration={"learnsys": {"items": 1, "colour": 2}}) as client:
        open_text(client, "alpha alps al")
        await until(client, ["alpha"], 0, 13)
        assert (await client.text_document_completion_async(at(0, 13))).is_incomplete
        assert "learnsys.colour is no setting" in client.messages[0].message
        client.set_configuration({"learnsys": {"completion": False}})
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
        await until(client, None, 0, 13)


async def test_an_editor_that_cannot_register_what_it_said_it_could():
    async with connected("visual_studio_code", configuration={"learnsys": {"items": 1}}, registers=False) as client:
        open_text(client, "alpha alps al")
        await until(client, ["alpha"], 0, 13)
        assert client.messages == []


async def test_settings_of_an_editor_that_only_pushes_them():
    async with connected(lsp.ClientCapabilities(), initialization_options={"items": 1}) as client:
        open_text(client, "alpha alps al")
        assert await labels(client, 0, 13) == ["alpha"]
        client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams({"learnsys": {"items": 2}}))
        assert await labels(client, 0, 13) == ["alpha", "alps"]


async def test_folders_are_read_with_progress_and_watched(tmp_path):
    for name in "abc":
        (tmp_path / f"{name}.js").write_text(f"let album{name} = 1;")
    folder = lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="work")
    here = (tmp_path / "here.js").as_uri()
    async with connected("visual_studio_code", workspace_folders=[folder]) as client:
        open_text(client, "al", uri=here)
        await until(client, ["albuma", "albumb", "albumc"], 0, 2, uri=here)
        [reports] = [await ended(client)]
        assert [reports[0].title, reports[-1].message] == [f"learnsys reads {tmp_path.name}", "3 files"]
        shares = [report.percentage for report in reports[:-1]]
        assert shares == sorted(shares)
        assert all(0 <= share <= 100 for share in shares)
        [wish] = [w for w in client.registered if w.method == lsp.WORKSPACE_DID_CHANGE_WATCHED_FILES]
        assert "py" in wish.register_options["watchers"][0]["globPattern"]
        (tmp_path / "a.js").unlink()
        (tmp_path / "b.js").write_text("alps")
        kinds = {"a": lsp.FileChangeType.Deleted, "b": lsp.FileChangeType.Changed}
        events = [lsp.FileEvent((tmp_path / f"{name}.js").as_uri(), kind) for name, kind in kinds.items()]
        client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams(events))
        await until(client, ["albumc", "alps"], 0, 2, uri=here)


async def test_a_reading_is_ended_by_the_user_and_folders_come_and_go(tmp_path):
    for number in range(100):
        (tmp_path / f"{number:02d}.js").write_text("album")
    folder = lsp.WorkspaceFolder(uri=tmp_path.as_uri(), name="work")
    async with connected("neovim@v0.11.0") as client:
        open_text(client, "al", uri=(tmp_path / "here.js").as_uri())
        event = lsp.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
        client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event))
        while not client.progress_reports:
            await asyncio.sleep(0.02)
        client.window_work_done_progress_cancel(lsp.WorkDoneProgressCancelParams(next(iter(client.progress_reports))))
        assert "ended after" in (await ended(client))[-1].message
        event = lsp.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
        client.workspace_did_change_workspace_folders(lsp.DidChangeWorkspaceFoldersParams(event))
        other = (tmp_path / "there.js").as_uri()
        open_text(client, "al", uri=other)
        assert await labels(client, 0, 2, uri=other) == []


async def test_the_server_leaves_though_a_folder_is_being_read(tmp_path):
    for number in range(400):
        (tmp_path / f"{number:03d}.js").write_text("album")
    async with connected("neovim@v0.7.0", root_uri=tmp_path.as_uri()) as client:
        while not client.progress_reports:
            await asyncio.sleep(0.02)
        await asyncio.wait_for(client.shutdown_session(), 10)


async def ended(client):
    """Wait for the last report of the only progress there is."""
    for _ in range(200):
        for reports in client.progress_reports.values():
            if reports and isinstance(reports[-1], lsp.WorkDoneProgressEnd):
                return reports
        await asyncio.sleep(0.05)
    raise AssertionError(client.progress_reports)
