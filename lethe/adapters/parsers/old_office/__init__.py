"""The old binary formats of Word and PowerPoint (doc, ppt), and what their container tells."""
