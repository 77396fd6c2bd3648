-- The accounts beyond those of the registry, so that all have a country.
INSERT INTO weibo_store.accounts (loaded_at, account_id, country_code, country_en, country_zh, name_en, name_zh, bloc, mission, tier)
-- numbers
    splitByChar(' ', 'US FR DE JP KR RU GB IT ES CH SE NO DK FI NL BE AT PL CZ HU GR PT IE IL TR IN PK TH VN SG MY ID PH AU NZ CA') AS countries
SELECT
    (SELECT max(loaded_at) FROM weibo_store.accounts), account_of(a), countries[a % length(countries) + 1] AS code, code, code,
    concat('Account ', toString(a)), concat('帐号', toString(a)),
    [['EU'], ['NATO'], ['G7', 'NATO'], ['BRICS'], ['ASEAN'], []][a % 6 + 1], 'embassy', 'normal'
FROM (SELECT {a0:UInt64} + number AS a FROM numbers({an:UInt64}))
WHERE a >= length({names:Array(String)})
