"""Scrapy's settings for this project. Each one that differs from Scrapy's default says so, with the default.

The values that operators change are in schemas.settings (`weiplomacy.toml` or WEIPLOMACY_… in the environment); here
they are only handed on.
"""

from crawler.consequences import CONSEQUENCES
from crawler.lanes.plans import ca_files, plans_of
from crawler.rendering import launch_options
from crawler.run import toward
from crawler.signals import ResponseClass
from schemas.errors import SettingsError
from schemas.settings import load

try:
    #: The settings of the project, for its own components.
    WEIPLOMACY = toward(load())
    _LANES = plans_of(WEIPLOMACY)
    # Default: {}. Sandbox, proxy certificate and the browser's path: see crawler.rendering.
    PLAYWRIGHT_LAUNCH_OPTIONS = launch_options(WEIPLOMACY.crawl)
except SettingsError as error:
    # Scrapy imports this file as its first act: end with the sentence alone, as the `weiplomacy` command would.
    raise SystemExit(f"{error}") from error

# Default: "scrapybot".
BOT_NAME = "weiplomacy"
# Default: [].
SPIDER_MODULES = ["crawler.spiders"]
# Default: "". Where `scrapy genspider` writes.
NEWSPIDER_MODULE = "crawler.spiders"

# --- Who we are -----------------------------------------------------------------------------------------------------

# Default: "Scrapy/VERSION (+https://scrapy.org)". m.weibo.cn serves its mobile page, the one that we render, to
# phones; browser and plain requests of a lane say the same.
USER_AGENT = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"
)
# Default: False. On, from crawl.obey_robots: only who runs this may decide, knowingly, to go on where a robots.txt
# says no. A refusal ends the visit with the class `robots`, and its receipt says so. The rules are asked for our own
# name, not for that of the phone. What a rendered page loads is the site's own doing and not asked for.
ROBOTSTXT_OBEY = WEIPLOMACY.crawl.obey_robots
# Default: None (the user agent).
ROBOTSTXT_USER_AGENT = "weiplomacy"

# --- How fast -------------------------------------------------------------------------------------------------------

# The lanes govern (crawler.lanes): each has its delay, its budget, and its number of requests in flight. Scrapy's own
# limits only keep out of their way.

# Default: 16. 0: no limit. What is asked for waits for its turn at a lane, by priority.
CONCURRENT_REQUESTS = 0
# Default: 8. Each lane has a slot of its own.
CONCURRENT_REQUESTS_PER_DOMAIN = max(plan.concurrent_requests + plan.concurrent_pages for plan in _LANES) + 1
# Default: 0 as well.
DOWNLOAD_DELAY = 0
# Default: 100. Scrapy starts so many workers for the outputs of every single answer, though an answer has few: at 100
# they cost more than the request. At least 2, so that a page that waits for Kafka does not hold up the next requests.
CONCURRENT_ITEMS = 4
# Default: 180 seconds. For plain requests.
DOWNLOAD_TIMEOUT = 60
# Default: 1 GiB. The largest honest answer is below 1 MiB.
DOWNLOAD_MAXSIZE = 16 * 1024 * 1024
# Default: 2 as well.
RETRY_TIMES = CONSEQUENCES[ResponseClass.NETWORK_ERROR].tries - 1
# Default: also 429, which asks us to wait, not to come again at once.
RETRY_HTTP_CODES = [500, 502, 503, 504, 522, 524, 408]

# --- Answers --------------------------------------------------------------------------------------------------------

# Default: True. Where a redirect leads is a signal (visitor gate, login), to be classified, not followed.
REDIRECT_ENABLED = False
# Default: True. The same.
METAREFRESH_ENABLED = False
# Default: False. Every status reaches the callbacks, classified.
HTTPERROR_ALLOW_ALL = True
# Default: True. A lane owns its cookies; besides, this middleware fetches a list from the network at first use.
COOKIES_ENABLED = False
# Default: True. The spiders say what the page's own script would say.
REFERER_ENABLED = False
# Default: {"Accept": "text/html…", "Accept-Language": "en"}. Lanes set these.
DEFAULT_REQUEST_HEADERS: dict[str, str] = {}
# Default: False.
DOWNLOAD_VERIFY_CERTIFICATES = True
if ca_files(WEIPLOMACY.crawl):
    # Default: "SENTINEL" (Scrapy's own). Scrapy 2.19 calls this setting deprecated and has no other one that takes a
    # certificate authority besides the system's; it is used with the lanes' own authorities only.
    DOWNLOADER_CLIENTCONTEXTFACTORY = "crawler.tls.EgressContextFactory"
    #: For that factory.
    EGRESS_CA_FILES = [str(file) for file in ca_files(WEIPLOMACY.crawl)]

# Default: {} (on top of Scrapy's own). Answers pass from bottom to top: they are decompressed (590), classified,
# perhaps asked for again by the lane, perhaps retried by Scrapy (550).
DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.lanes.LaneMiddleware": 570,
    "crawler.middlewares.classification.ClassificationMiddleware": 580,
}

# --- The browser (scrapy-playwright) --------------------------------------------------------------------------------

# Default: {} (Scrapy's handlers).
DOWNLOAD_HANDLERS = {
    "https": "crawler.rendering.RenderingDownloadHandler",
    # Default: on. Nothing here has business with files, S3 or FTP.
    "file": None,
    "s3": None,
    "ftp": None,
}
# Default: CONCURRENT_REQUESTS. One more than a lane renders at a time, for the page that renews its session.
PLAYWRIGHT_MAX_PAGES_PER_CONTEXT = WEIPLOMACY.crawl.concurrent_pages + 1
# Default: 30000 ms.
PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT = WEIPLOMACY.crawl.render_timeout_s * 1_000
# Default: Scrapy's headers are sent on navigation. None: the browser's own.
PLAYWRIGHT_PROCESS_REQUEST_HEADERS = None
# Default: none.
PLAYWRIGHT_ABORT_REQUEST = "crawler.rendering.is_heavy"
#: Bound on one rendering, seconds of machine time; for crawler.rendering.
RENDER_TIMEOUT = WEIPLOMACY.crawl.render_timeout_s

# --- Events ---------------------------------------------------------------------------------------------------------

#: Whether events go to Kafka. `weiplomacy crawl run` switches it on; `scrapy crawl … -O posts.jsonl` needs no Kafka.
KAFKA_ENABLED = False
#: Where `crawler.extensions.progress` writes; none by default.
PROGRESS_FILE: str | None = None
#: How many receipts it holds, the newest; 0: all of them. A crawl without an end has no use for all.
PROGRESS_RECEIPTS = 0
#: The process without which the run ends, for crawler.extensions.starter; 0: none.
STARTED_BY = 0
#: Where `weiplomacy crawl probe` keeps the answers of a rendered page; none by default.
FIXTURES_FOLDER: str | None = None
# Default: {}.
ITEM_PIPELINES = {"crawler.pipelines.PublishingPipeline": 300}
# Default: {} (on top of Scrapy's own).
EXTENSIONS = {
    "crawler.extensions.garbage.GarbageCollection": 500,
    "crawler.extensions.progress.Progress": 500,
    "crawler.extensions.starter.Starter": 500,
}
# Default: Scrapy's exporters. An item is a page of events: one JSON object per event is the only form that fits.
FEED_EXPORTERS = {
    "jsonl": "crawler.exporters.EventLinesExporter",
    "jsonlines": "crawler.exporters.EventLinesExporter",
    "jl": "crawler.exporters.EventLinesExporter",
    "json": None,
    "csv": None,
    "xml": None,
    "marshal": None,
    "pickle": None,
}

# --- Nothing listens, little is said --------------------------------------------------------------------------------

# Default: True. It would listen on a port.
TELNETCONSOLE_ENABLED = False
# Default: True. The same.
REMOTE_CONTROL_ENABLED = False
# Default: "DEBUG", which prints every item.
LOG_LEVEL = "INFO"
