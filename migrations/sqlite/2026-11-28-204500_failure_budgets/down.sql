DROP TABLE login_addresses;
DROP TABLE failure_budgets;
