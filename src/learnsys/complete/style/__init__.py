"""The style of a project: white space, quotes, semicolons, commas, how names are written; and text in that style."""
