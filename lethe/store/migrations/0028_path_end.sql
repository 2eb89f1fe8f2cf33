-- What is below a node has a path from the node's own to this one. In FROM (`path_end(n.path) stop`) it is a column: row-level
-- security lets an index compare it, and not the expression, which the planner does not know to be safe.
CREATE FUNCTION path_end(path text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN left(path, -1) || '0';
COMMENT ON FUNCTION path_end(text) IS 'the first text after all paths that begin with this one: 0 is the character after /';
