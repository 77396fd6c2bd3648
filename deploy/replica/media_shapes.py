"""Pictures, videos and articles of a post as JSON."""

from typing import Any
from urllib.parse import quote

from deploy.replica.content import Post
from deploy.replica.shown import rounded
from deploy.replica.view import View


def picture(pid: str, place: int = 0) -> dict[str, Any]:
    """One entry of `pics`: the size in the list is in numbers, the large one in texts, some in numbers, as recorded."""
    host = f"https://wx{place % 4 + 1}.sinaimg.cn"
    side: int | str = 2048 if place % 4 == 1 else "1080"
    return {
        "pid": pid,
        "url": f"{host}/orj360/{pid}.jpg",
        "size": "orj360",
        "geo": {"width": 360, "height": 360, "croped": False},
        "large": {
            "size": "large",
            "url": f"{host}/large/{pid}.jpg",
            "geo": {"width": side, "height": side, "croped": False},
        },
    }


def page_info(view: View, post: Post, views: int | None, container: str) -> dict[str, Any] | None:
    """The video that a post carries; None where it has none. Views are a number in 2019, and a text since."""
    if post.video is None:
        return None
    video = post.video
    number = f"1034:{video.video_id}"
    name = f"{post.account.screen_name}的微博视频"
    picture_url = f"https://wx2.sinaimg.cn/orj480/{video.cover}.jpg"
    info: dict[str, Any] = {
        "type": "video",
        "page_pic": {"url": picture_url},
        "page_url": f"https://video.weibo.com/show?fid={quote(number)}&luicode=10000011&lfid={container}",
        "object_id": number,
        "page_title": name,
        "content1": name,
        "content2": video.title,
        "media_info": {
            "stream_url": _stream(video.video_id, "ld"),
            "stream_url_hd": _stream(video.video_id, "hd"),
            "duration": video.duration_s,
        },
    }
    if view.era == "2019":
        del info["object_id"]
        info["play_count"] = views or 0
        info["media_info"]["duration"] = int(video.duration_s)
        return info
    size = {"width": 1280, "pid": video.cover, "source": 1, "is_self_cover": 1, "type": 1, "height": 720}
    info["page_pic"] |= size
    return info | {
        "object_type": 11,
        "url_ori": "http://t.cn/A6StwFco",
        "title": video.title,
        "video_orientation": "horizontal",
        "play_count": f"{rounded(views or 0)}次播放",
        "urls": {
            "mp4_720p_mp4": _stream(video.video_id, "720p"),
            "mp4_hd_mp4": _stream(video.video_id, "hd"),
            "mp4_ld_mp4": _stream(video.video_id, "ld"),
        },
    }


def _stream(number: int, quality: str) -> str:
    return f"https://f.video.weibocdn.com/o0/{number}.mp4?label=mp4_{quality}&Expires=1662196987&KID=unistore,video"
