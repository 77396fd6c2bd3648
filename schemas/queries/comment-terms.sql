-- group: conversation
-- english: Which words mark a wave of comments, against what people usually write under the account's posts?
-- chinese: 一波评论里哪些词突出（与该帐号平常相比）？
-- parameter: account String required; the account: id, uid or screen name; 帐号
-- parameter: days UInt16 = 1; days in the period; 天数
-- parameter: until Date = today; last day of the period, in Beijing; 最后一天（北京时间）
-- parameter: usual UInt16 = 90; days before the period that are the usual; 作为平常的天数
-- parameter: limit UInt16 = 20; rows at most; 行数上限
-- note: a term counts once per person, and is never shown from fewer than five people; Chinese is cut into runs of two to four characters, [names] are Weibo's pictures; 每人每词计一次，不足五人的不显示；中文按2至4字切分
WITH
    written AS
    (
        SELECT
            author_key, toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 AND {until:Date} AS in_wave,
            arrayDistinct(arrayConcat(
                arrayFlatten(arrayMap(
                    run -> arrayConcat(
                        if(lengthUTF8(run) >= 2, ngrams(run, 2), []),
                        if(lengthUTF8(run) >= 3, ngrams(run, 3), []),
                        if(lengthUTF8(run) >= 4, ngrams(run, 4), [])
                    ),
                    extractAll(replaceRegexpAll(text, '\\[[^\\[\\]]{1,12}\\]', ' '), '\\p{Han}+')
                )),
                extractAll(lowerUTF8(text), '[a-z]{3,}'),
                extractAll(text, '\\[[^\\[\\]]{1,12}\\]')
            )) AS terms
        FROM weibo.comments
        WHERE account_id = {account:String} AND ifNull(author_account_id != account_id, true)
            AND post_id IN (SELECT post_id FROM weibo.post_measures WHERE account_id = {account:String})
            AND toDate(created_at_beijing) BETWEEN {until:Date} - {days:UInt16} + 1 - {usual:UInt16} AND {until:Date}
    ),
    people AS
    (
        SELECT
            author_key, max(in_wave) AS of_wave, min(in_wave) = 0 AS of_before,
            groupUniqArrayArrayIf(terms, in_wave) AS wave_terms, groupUniqArrayArrayIf(terms, NOT in_wave) AS usual_terms
        FROM written
        GROUP BY author_key
    ),
    counted AS
    (
        SELECT *, countIf(of_wave) OVER () AS people_of_wave, countIf(of_before) OVER () AS people_usually FROM people
    )
SELECT
    said.1 AS term, countIf(said.2) AS people, any(people_of_wave) AS of_people,
    round(100 * people / of_people, 1) AS percent,
    round(100 * countIf(NOT said.2) / nullIf(any(people_usually), 0), 1) AS usual_percent,
    round((people + 0.5) / (of_people + 1)
        / ((countIf(NOT said.2) + 0.5) / (any(people_usually) + 1)), 2) AS times_usual
FROM counted
ARRAY JOIN arrayConcat(arrayMap(one -> (one, true), wave_terms), arrayMap(one -> (one, false), usual_terms)) AS said
GROUP BY term
HAVING people >= 5 AND times_usual > 1
ORDER BY times_usual DESC, people DESC, lengthUTF8(term) DESC, term
LIMIT {limit:UInt16}
