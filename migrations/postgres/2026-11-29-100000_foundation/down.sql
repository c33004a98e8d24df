DROP TABLE search, login_addresses, failure_budgets, user_names, requests, blocks, invites, reactions, messages, members, sessions,
    tokens, users, server;
DROP SEQUENCE message_ids;
DROP FUNCTION count_people;
