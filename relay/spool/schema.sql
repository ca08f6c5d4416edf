-- The spool, version 7. Everything that could be read by a person is sealed before it comes here.
--
-- row and body are two tables: a row changes a dozen times, its body once, and a claim must not
-- drag 4,000 bytes along. A whole small envelope fills one page of body.
-- No unique index on random values: at a million rows it makes each claim three times dearer.

CREATE TABLE row (
  seq   INTEGER PRIMARY KEY,   -- order of arrival; given by us, never used twice
  root  INTEGER NOT NULL,      -- seq of the submission it belongs to: its own, for a submission
  rev   INTEGER NOT NULL,      -- counts its changes
  queue TEXT    NOT NULL,
  state TEXT    NOT NULL,
  id    BLOB    NOT NULL,
  hour  INTEGER NOT NULL,      -- of arrival, of a delivery of its release; nothing finer is kept
  due   INTEGER,               -- NULL: nobody takes it by itself
  name  TEXT    NOT NULL,      -- channel of a submission, destination of a delivery
  why   TEXT    NOT NULL,
  note  BLOB    NOT NULL       -- sealed
) STRICT;

CREATE INDEX row_due ON row (queue, name, due) WHERE due IS NOT NULL;
CREATE INDEX row_delivery ON row (root) WHERE root <> seq;
CREATE INDEX row_ended ON row (hour) WHERE queue = 'ended' AND root = seq;
-- What an operator lists. Not of inbox and ended: most rows are there, and a scan finds them.
CREATE INDEX row_listed ON row (queue) WHERE queue NOT IN ('inbox', 'ended');

CREATE TABLE body (
  seq  INTEGER PRIMARY KEY,
  blob BLOB,                   -- sealed; of a file what stands in place of its beginning, or NULL
  file TEXT                    -- its name in the folder bodies
) STRICT;

-- By what a submission is found again: keyed hashes of a code, of what joins segments. Since
-- version 3. Not written when something is accepted, so that it costs no sender time.
CREATE TABLE named (
  name BLOB    NOT NULL,
  seq  INTEGER NOT NULL,
  PRIMARY KEY (name, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX named_seq ON named (seq);

-- What the core must know after a restart and is no row: windows, budgets, the clock. Our own names,
-- counts and hours; nothing of a message. Since version 4.
CREATE TABLE kept (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Of purged rows: kind is 'submission' or 'delivery'. With the live rows they make the sum.
CREATE TABLE tally (
  kind  TEXT NOT NULL,
  state TEXT NOT NULL,
  n     INTEGER NOT NULL,
  PRIMARY KEY (kind, state)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
  one         INTEGER PRIMARY KEY CHECK (one = 1),
  commits     INTEGER NOT NULL,   -- number of this commit; the file seen holds it too
  next_seq    INTEGER NOT NULL,
  repeats     INTEGER NOT NULL,
  turned_away INTEGER NOT NULL,
  lost        INTEGER NOT NULL    -- accepted once, and gone; until the operator says so
) STRICT;
INSERT INTO meta VALUES (1, 0, 1, 0, 0, 0);

CREATE TABLE board (
  name    TEXT PRIMARY KEY,
  state   TEXT NOT NULL,
  since   INTEGER NOT NULL,
  last    INTEGER NOT NULL,
  posted  INTEGER NOT NULL,
  account TEXT NOT NULL,
  why     TEXT NOT NULL,
  month   INTEGER NOT NULL DEFAULT 0,   -- 202611, in which `spent` was paid; since version 2
  spent   INTEGER NOT NULL DEFAULT 0    -- thousandths of the unit of its bridge
) STRICT, WITHOUT ROWID;
