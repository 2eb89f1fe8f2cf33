"""Word and PowerPoint: docx and pptx from their XML, the old doc and ppt through office-oxide."""
