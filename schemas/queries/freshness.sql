-- group: trust
-- english: How old is the newest thing known of each account: visit, snapshot, sample, and what is derived from them?
-- chinese: 各帐号最新数据的时间
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
WITH
    newest AS
    (
        SELECT
            account_id, max(last_visit_at) AS visit_at, max(last_snapshot_at) AS snapshot_at,
            max(newest_sample_at) AS sample_at, max(derived_at) AS computed_at
        FROM weibo.account_days
        GROUP BY account_id
    )
SELECT
    accounts.account_id AS account_id, visit_at AS last_visit_at, snapshot_at AS last_snapshot_at,
    sample_at AS last_sample_at, nullIf(computed_at, toDateTime64(0, 3)) AS derived_at, tier
FROM weibo.accounts AS accounts
LEFT JOIN newest ON newest.account_id = accounts.account_id
WHERE {country:String} = '' OR country_code = {country:String}
ORDER BY greatest(ifNull(last_visit_at, toDateTime64(0, 3)), ifNull(last_snapshot_at, toDateTime64(0, 3))), account_id
