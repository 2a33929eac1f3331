"""The command itself, with models (of random weights: what is tested is that they are asked), in two editors."""

import asyncio
import signal
import subprocess
import sys

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcRequestCancelled
from tests.complete.lsp.clients import URI, at, connected, edit, labels, open_text, until
from tests.complete.runtime.models import saved_model
from tests.complete.toys import program

SERVER = (sys.executable, "-m", "learnsys", "complete", "lsp")


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    saved_model(folder / "js.safetensors")
    (folder / "py.safetensors").write_bytes(b"no model")
    return folder


@pytest.mark.asyncio
@pytest.mark.parametrize("editor", ["neovim@v0.11.0", "visual_studio_code"])
async def test_an_editor_talks_with_the_models(editor, models, tmp_path):
    log = tmp_path / "log"
    command = (*SERVER, "--models", str(models), "--log", str(log))
    async with connected(editor, command, root_uri=tmp_path.as_uri()) as client:
        two = 2 if editor == "visual_studio_code" else 4  # units of the pair: this Neovim counts in UTF-8
        open_text(client, "let zebra = '\U0001f600';\nf(zebra);\n'\U0001f600' + ze")
        found = await client.text_document_completion_async(at(2, 7 + two))
        [item] = found.items
        assert (item.label, item.detail.partition(",")[0]) == ("zebra", "copy")
        assert str(item.text_edit.range) == f"2:{5 + two}-2:{7 + two}"
        edit(client, 2, (1, 2, 1, 7, "zeal"), (0, 4, 0, 9, "zeal"))
        assert await labels(client, 2, 7 + two) == ["zeal"]

        context = lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Automatic)
        place = lsp.Position(2, 7 + two)
        asked = lsp.InlineCompletionParams(context, lsp.TextDocumentIdentifier(URI), place)
        shown = (await client.text_document_inline_completion_async(asked)).items
        assert all("\n" not in item.insert_text and item.range.end == place for item in shown)

        text = program(0, 3000)[:100_000]
        open_text(client, text + "\nlet zebra;\nze", uri="file:///work/big.js")
        line = text.count("\n") + 2
        asked = client.protocol.send_request_async(
            lsp.TEXT_DOCUMENT_COMPLETION, at(line, 2, uri="file:///work/big.js"), msg_id="mine"
        )
        asked = asyncio.ensure_future(asked)
        await asyncio.sleep(0)
        client.cancel_request(lsp.CancelParams("mine"))
        with pytest.raises(JsonRpcRequestCancelled):
            await asked
        assert sorted(await labels(client, line, 2, uri="file:///work/big.js")) == ["zeal", "zebra"]  # of both files
        client._server.send_signal(signal.SIGKILL)
        await client._server.wait()
    async with connected(editor, command) as client:
        open_text(client, "let zebra;\nze")
        assert await labels(client, 1, 2) == ["zebra"]
        open_text(client, "x = 1\n", uri="file:///work/a.py", language="python")
        assert await labels(client, 1, 0, uri="file:///work/a.py") is None
        assert "py.safetensors" in client.messages[0].message  # it is damaged, which is said
    assert "opened file:///work/big.js" in log.read_text()


@pytest.mark.asyncio
async def test_the_words_of_the_folder_are_offered_until_their_file_is_deleted(models, tmp_path):
    (tmp_path / "animals.js").write_text("const wombat = 1;\nfeed(wombat);\n")
    here = (tmp_path / "app.js").as_uri()
    async with connected(
        "visual_studio_code", (*SERVER, "--models", str(models)), root_uri=tmp_path.as_uri()
    ) as client:
        open_text(client, "let zebra;\nwom", uri=here)
        await until(client, ["wombat"], 1, 3, uri=here)
        [item] = (await client.text_document_completion_async(at(1, 3, uri=here))).items
        assert item.detail.startswith("project, p ")
        (tmp_path / "animals.js").unlink()
        deleted = lsp.FileEvent((tmp_path / "animals.js").as_uri(), lsp.FileChangeType.Deleted)
        client.workspace_did_change_watched_files(lsp.DidChangeWatchedFilesParams([deleted]))
        await until(client, [], 1, 3, uri=here)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--models", "nowhere"), "no file nowhere"),
        (("--models", "."), "no model in ."),
        (("--log", "nowhere/log"), "nowhere"),
    ],
)
def test_what_cannot_be_used_is_refused(words, said, tmp_path):
    done = subprocess.run([*SERVER, *words], cwd=tmp_path, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_an_editor_that_goes_without_a_word_is_told_of(models):
    done = subprocess.run([*SERVER, "--models", models], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert (done.returncode, done.stdout) == (1, "")
    assert "went without saying so" in done.stderr
