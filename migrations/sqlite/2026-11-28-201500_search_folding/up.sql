-- Words are folded by other rules (stroked letters, voiced kana): the index of messages is filled anew.
INSERT INTO search (search) VALUES ('delete-all');
UPDATE server SET indexed = 0;

-- Words of display names, folded as those of messages, by which people are found. Filled by the first start.
CREATE TABLE user_names (
    word    TEXT NOT NULL,
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    PRIMARY KEY (word, user_id)
) WITHOUT ROWID;
CREATE INDEX user_names_by_user ON user_names (user_id);
