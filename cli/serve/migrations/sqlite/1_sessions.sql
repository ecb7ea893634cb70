-- Times are in milliseconds since 1970. A session that has expired keeps its row for a while, without its state.
CREATE TABLE sessions (
    owner TEXT NOT NULL,
    name TEXT NOT NULL,
    lua TEXT NOT NULL,
    client TEXT NOT NULL,
    created BIGINT NOT NULL,
    used BIGINT NOT NULL,
    expired BIGINT,
    version BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    state BLOB,
    PRIMARY KEY (owner, name)
);
CREATE INDEX sessions_by_use ON sessions (used, owner, name) WHERE expired IS NULL;
CREATE INDEX sessions_by_client ON sessions (client) WHERE expired IS NULL;
CREATE INDEX sessions_by_end ON sessions (expired, owner, name) WHERE expired IS NOT NULL;
