-- Types in a real Neovim and writes what the server answers; run by test_editors.py.
local answers = {}
vim.o.virtualedit = "onemore" -- the cursor may stand behind the last character, as in insert mode

-- Put the cursor behind the last character and return the labels of the completions there.
local function ask()
  local lines = vim.api.nvim_buf_get_lines(0, 0, -1, true)
  vim.api.nvim_win_set_cursor(0, { #lines, #lines[#lines] })
  local params = vim.lsp.util.make_position_params(0, vim.lsp.get_active_clients()[1].offset_encoding)
  local labels = {}
  for _, answer in pairs(vim.lsp.buf_request_sync(0, "textDocument/completion", params, 20000) or {}) do
    for _, item in ipairs(answer.result and answer.result.items or {}) do
      table.insert(labels, item.label)
    end
  end
  return labels
end

assert(vim.wait(20000, function()
  local client = vim.lsp.get_active_clients()[1]
  return client ~= nil and client.initialized
end, 20), "no client")
answers.name = vim.lsp.get_active_clients()[1].name
vim.api.nvim_buf_set_lines(0, -1, -1, true, { "to" })
answers.typed = ask()
vim.api.nvim_buf_set_lines(0, -2, -1, true, { "'\u{1F600}' + to" })
answers.after_a_pair = ask()
vim.api.nvim_buf_set_text(0, 0, 4, 0, 9, { "tower" })
answers.edited = ask()
vim.cmd("write")
answers.saved = ask()

local file = assert(io.open(vim.env.ANSWERS, "w"))
file:write(vim.fn.json_encode(answers))
file:close()
vim.cmd("qall!")
