DROP TABLE user_names;
INSERT INTO search (search) VALUES ('delete-all');
UPDATE server SET indexed = 0;
