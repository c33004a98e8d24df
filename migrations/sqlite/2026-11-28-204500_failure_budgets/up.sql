-- What was used of failure budgets, so that a restart does not refill them.
CREATE TABLE failure_budgets (
    budget TEXT NOT NULL,
    key TEXT NOT NULL,
    full_at BIGINT NOT NULL,                                      -- when all of it is available again
    PRIMARY KEY (budget, key)
);
CREATE INDEX failure_budgets_by_end ON failure_budgets (full_at);

-- From where people have logged in lately. While somebody guesses an account's password from many addresses, only these may try.
CREATE TABLE login_addresses (
    user_id BIGINT NOT NULL REFERENCES users (id),
    address TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (user_id, address)
);
