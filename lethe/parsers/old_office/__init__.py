"""The old binary formats of Word and PowerPoint (doc, ppt) and their container (OLE)."""
