"""The language server: code completion in any editor that speaks the Language Server Protocol."""
