"""Pictures, videos and articles of a post as JSON."""

from typing import Any
from urllib.parse import quote

from deploy.replica.content import Post, Video
from deploy.replica.shown import rounded


def picture(pid: str, place: int = 0) -> dict[str, Any]:
    """One entry of `pics`: the size in the list has numbers, the large one has texts, as recorded."""
    host = f"https://wx{place % 4 + 1}.sinaimg.cn"
    return {
        "pid": pid,
        "url": f"{host}/orj360/{pid}.jpg",
        "size": "orj360",
        "geo": {"width": 360, "height": 360, "croped": False},
        "large": {
            "size": "large",
            "url": f"{host}/large/{pid}.jpg",
            "geo": {"width": "1080", "height": "1080", "croped": False},
        },
    }


def page_info(post: Post, views: int | None, container: str) -> dict[str, Any] | None:
    """What a post carries besides text and pictures: a video or an article; None where there is neither."""
    if post.video is not None:
        return _video(post.video, post.account.screen_name, views, container)
    return None


def _video(video: Video, author: str, views: int | None, container: str) -> dict[str, Any]:
    number = f"1034:{video.video_id}"
    name = f"{author}的微博视频"
    return {
        "type": "video",
        "object_type": 11,
        "url_ori": "http://t.cn/A6StwFco",
        "page_pic": {
            "width": 1280,
            "pid": video.cover,
            "source": 1,
            "is_self_cover": 1,
            "type": 1,
            "url": f"https://wx2.sinaimg.cn/orj480/{video.cover}.jpg",
            "height": 720,
        },
        "page_url": f"https://video.weibo.com/show?fid={quote(number)}&luicode=10000011&lfid={container}",
        "object_id": number,
        "page_title": name,
        "title": video.title,
        "content1": name,
        "content2": video.title,
        "video_orientation": "horizontal",
        "play_count": f"{rounded(views or 0)}次播放",
        "media_info": {
            "stream_url": _stream(video.video_id, "ld"),
            "stream_url_hd": _stream(video.video_id, "hd"),
            "duration": video.duration_s,
        },
        "urls": {
            "mp4_720p_mp4": _stream(video.video_id, "720p"),
            "mp4_hd_mp4": _stream(video.video_id, "hd"),
            "mp4_ld_mp4": _stream(video.video_id, "ld"),
        },
    }


def _stream(number: int, quality: str) -> str:
    return f"https://f.video.weibocdn.com/o0/{number}.mp4?label=mp4_{quality}&Expires=1662196987&KID=unistore,video"
