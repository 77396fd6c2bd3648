-- group: trust
-- english: How old is the newest thing known of each account: visit, snapshot, sample, and what is derived from them?
-- chinese: 各帐号最新数据的时间
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
WITH
    visits AS (SELECT account_id, max(ended_at) AS newest FROM weibo.receipts GROUP BY account_id),
    profiles AS (SELECT account_id, max(observed_at) AS newest FROM weibo.snapshots GROUP BY account_id),
    measures AS
    (
        SELECT account_id, max(newest_sample_at) AS newest_sample, max(derived_at) AS newest
        FROM weibo.account_days
        GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, nullIf(visits.newest, toDateTime64(0, 3)) AS last_visit_at,
    nullIf(profiles.newest, toDateTime64(0, 3)) AS last_snapshot_at, newest_sample AS last_sample_at,
    nullIf(measures.newest, toDateTime64(0, 3)) AS derived_at, tier
FROM weibo.accounts AS accounts
LEFT JOIN visits ON visits.account_id = accounts.account_id
LEFT JOIN profiles ON profiles.account_id = accounts.account_id
LEFT JOIN measures ON measures.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY greatest(ifNull(last_visit_at, toDateTime64(0, 3)), ifNull(last_snapshot_at, toDateTime64(0, 3))), account_id
