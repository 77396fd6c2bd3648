-- group: audience
-- english: Which accounts carried Weibo's V, from when until when, and with which words?
-- chinese: 哪些帐号何时带V认证？认证说明是什么？
-- parameter: country String = ''; a country: code, English or Chinese name; 国家（代码、英文名或中文名）
-- note: seen_from and seen_until are the first and last moments at which it was seen so; between two rows it changed unseen; 首次与末次所见时刻，变化发生在两行之间
WITH
    months AS
    (
        SELECT account_id, value = 'true' AS verified, month, seen_from, seen_until, verified_type, verified_reason
        FROM weibo.account_states
        WHERE what = 'verified'
            AND ({country:String} = ''
                OR account_id IN (SELECT account_id FROM weibo.accounts WHERE country_code = {country:String}))
    ),
    -- In a month with both only the snapshots say which was when.
    mixed AS
    (
        SELECT account_id, month FROM months GROUP BY account_id, month HAVING count() > 1
    ),
    seen AS
    (
        SELECT account_id, verified, seen_from, seen_until, verified_type, verified_reason
        FROM months
        WHERE (account_id, month) NOT IN (SELECT account_id, month FROM mixed)
        UNION ALL
        SELECT account_id, assumeNotNull(snapshots.verified), observed_at, observed_at, verified_type, verified_reason
        FROM weibo.snapshots
        WHERE isNotNull(snapshots.verified) AND account_id IN (SELECT account_id FROM mixed)
            AND (account_id, toDate32(toStartOfMonth(observed_at))) IN (SELECT account_id, month FROM mixed)
    )
SELECT
    account_id, toBool(verified) AS verified, min(runs.seen_from) AS seen_from, max(runs.seen_until) AS seen_until,
    argMax(verified_type, runs.seen_until) AS verified_type, argMax(verified_reason, runs.seen_until) AS verified_reason
FROM
(
    SELECT *, sum(changed) OVER (PARTITION BY account_id ORDER BY seen_from) AS run
    FROM
    (
        SELECT *, row_number() OVER by_time = 1 OR verified != lagInFrame(verified) OVER by_time AS changed
        FROM seen
        WINDOW by_time AS (PARTITION BY account_id ORDER BY seen_from ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
    )
) AS runs
GROUP BY account_id, run, verified
ORDER BY account_id, seen_from
