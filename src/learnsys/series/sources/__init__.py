"""Where samples come from: files, frames, relations and streams of Arrow batches."""
