"""From text to tokens: leaves of the syntax tree, sub-tokens of names, the tree of brackets and indents."""
