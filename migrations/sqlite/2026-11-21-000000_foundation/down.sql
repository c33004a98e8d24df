DROP TABLE blocks;
DROP TABLE invites;
DROP TABLE messages;
DROP TABLE members;
DROP TABLE sessions;
DROP TABLE tokens;
DROP TABLE users;
DROP TABLE server;
