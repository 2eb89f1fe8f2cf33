-- A company's folders, which are few, without a look at its documents: dialogs and filters of the console offer them.
CREATE INDEX node_folders ON node (company_id, path) WHERE kind = 'folder' AND state = 'live';
