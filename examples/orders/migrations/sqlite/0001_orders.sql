CREATE TABLE orders (
    id TEXT NOT NULL PRIMARY KEY,
    customer TEXT NOT NULL,
    items TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('accepted', 'fulfilled', 'cancelled')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    idempotency_key TEXT UNIQUE
);
CREATE INDEX orders_by_age ON orders (status, updated_at);

-- What is still to be done for an order: the outbox of a broker, or the queue itself.
CREATE TABLE jobs (
    order_id TEXT NOT NULL PRIMARY KEY,
    ready_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL DEFAULT 0,
    owner TEXT,
    parked_at BIGINT,
    parked_for TEXT
);
CREATE INDEX jobs_by_time ON jobs (parked_at, ready_at);

-- One row for each order that was fulfilled: its key is the proof that it happened once.
CREATE TABLE fulfilments (
    order_id TEXT NOT NULL PRIMARY KEY,
    units BIGINT NOT NULL,
    worker TEXT NOT NULL,
    fulfilled_at BIGINT NOT NULL
);
