"""What the file and the project have said in like contexts: names are copied from there."""
