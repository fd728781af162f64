-- One row per job. Times are Unix seconds; shot, error and result are packed messages.
CREATE TABLE jobs (
    job_id      TEXT PRIMARY KEY,
    owner       TEXT NOT NULL,
    shot_id     TEXT NOT NULL,
    shot_name   TEXT NOT NULL,
    engine      TEXT NOT NULL,
    shot        BLOB NOT NULL,
    state       TEXT NOT NULL,
    reason      TEXT NOT NULL,
    device      TEXT NOT NULL DEFAULT '',
    stage       TEXT NOT NULL DEFAULT '',
    fraction    REAL NOT NULL DEFAULT 0,
    seconds_left REAL,
    attempt     INTEGER NOT NULL DEFAULT 0,
    crashes     INTEGER NOT NULL DEFAULT 0,
    error       BLOB,
    result      BLOB,
    created     REAL NOT NULL,
    queued      REAL,
    claimed     REAL,
    updated     REAL NOT NULL
);

CREATE INDEX jobs_by_state ON jobs (state, queued);
CREATE INDEX jobs_by_owner ON jobs (owner, created);
CREATE INDEX jobs_by_turn ON jobs (owner, claimed);

-- Every move of every job, so that a log is not needed to say what happened to one.
CREATE TABLE history (
    job_id  TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
    at      REAL NOT NULL,
    old     TEXT NOT NULL,
    new     TEXT NOT NULL,
    reason  TEXT NOT NULL
);

CREATE INDEX history_by_job ON history (job_id, at);

-- Which blobs a job reads and which it made: what garbage collection must leave alone.
CREATE TABLE job_blobs (
    job_id  TEXT NOT NULL REFERENCES jobs (job_id) ON DELETE CASCADE,
    digest  TEXT NOT NULL,
    role    TEXT NOT NULL CHECK (role IN ('input', 'result')),
    PRIMARY KEY (job_id, digest, role)
) WITHOUT ROWID;
