"""What a teacher needs beside the chapters: their exercises as a table, plans of minutes, sizes of what to carry."""
