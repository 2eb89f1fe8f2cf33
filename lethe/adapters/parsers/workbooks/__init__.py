"""Word, PowerPoint and Excel, the new containers of XML and the old binary ones."""
