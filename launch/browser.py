"""Chromium and a Chinese font, which the browser tests and pictures need."""

from __future__ import annotations

import os
import shutil
import subprocess

from launch.say import say

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")


def find() -> str | None:
    """The path of a Chromium: MERITBOOK_CHROMIUM, else one on the path."""
    chosen = os.environ.get("MERITBOOK_CHROMIUM")
    if chosen:
        return chosen
    return next((found for found in map(shutil.which, NAMES) if found), None)


def has_chinese_font() -> bool:
    """True when pages with Chinese text show characters and not boxes."""
    try:
        told = subprocess.run(
            ["fc-list", ":lang=zh-cn", "family"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return bool(told.stdout.strip())


def ensure() -> bool:
    """Install what is missing where we may (root on Debian or Ubuntu); else name it. True = all there."""
    if find() and has_chinese_font():
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("正在安装 Chromium 和中文字体…", "Installing Chromium and a Chinese font …")
        if not _apt("install") and _apt("update"):
            _apt("install")
        if find() and has_chinese_font():
            return True
    missing = [
        *([] if find() else ["Chromium"]),
        *([] if has_chinese_font() else ["中文字体 / a Chinese font"]),
    ]
    say(
        f"缺少 {'、'.join(missing)}:浏览器测试和页面图片需要它们。请安装(Debian/Ubuntu:apt install {' '.join(PACKAGES)}),"
        "或用 MERITBOOK_CHROMIUM 指定 Chromium 的路径。",
        f"Missing: {', '.join(missing)}; the browser tests and pictures need them. Install them "
        f"(Debian/Ubuntu: apt install {' '.join(PACKAGES)}), or name a Chromium with MERITBOOK_CHROMIUM.",
    )
    return False


def _apt(action: str) -> bool:
    packages = ["--no-install-recommends", *PACKAGES] if action == "install" else []
    done = subprocess.run(
        ["apt-get", action, "-y", "-qq", *packages],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=False,
    )
    return done.returncode == 0
