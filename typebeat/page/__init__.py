"""The web page: builds its tabs and the named API on one set of engines, and launches them.

Each tab is a module (`beat_tab`, `midi_tab`, `cover_tab`, `about_tab`, `settings_tab`), and `run` runs its jobs. `form`
and `controls` build what visitors fill in, `own` what they bring, `links` reads and writes requests in forms, links and
recipes, and `uploads` checks the files that visitors send. `heard` tells what is understood of the words. `results`
shows a finished pack; `roll` draws its piano rolls, and `notes` has them edited. `mixer` draws its parts, and `anew`
makes some of them anew. `html` holds players and the states of the stage; `theme` makes the look from the files in
`assets/`. `api` is the named API, and `routes` answers whoever watches the server. `gradio_log` keeps visitors' words
out of the log, `unfinished_uploads` leaves nothing of uploads that break off, `unheard` ends jobs to which nobody
listens, and `own_server` waits for the server at the start.
"""

from __future__ import annotations

import signal
from typing import Any

import gradio as gr

from typebeat.page import html, theme
from typebeat.page.about_tab import build_about_tab
from typebeat.page.api import add_api
from typebeat.page.beat_tab import build_beat_tab
from typebeat.page.cover_tab import build_cover_tab
from typebeat.page.form import SAMPLES
from typebeat.page.gradio_log import log_without_text
from typebeat.page.midi_tab import build_midi_tab
from typebeat.page.own_server import wait_for_own_server
from typebeat.page.routes import routes
from typebeat.page.run import PRIVATE
from typebeat.page.settings_tab import build_settings_tab
from typebeat.page.unfinished_uploads import remove_unfinished_uploads
from typebeat.page.unheard import forget_unheard
from typebeat.request.settings import read_settings
from typebeat.request.sound_limits import LARGEST_MB
from typebeat.request.styles import DISCLAIMER
from typebeat.serving.jobs import QUEUE_LENGTH, JobRunner
from typebeat.serving.journal import start_log
from typebeat.serving.kept_folders import KEPT_SECONDS
from typebeat.serving.open_files import allow_many_files

OWN_EVENTS = 40  # of all visitors that Gradio handles at once beside jobs, which hold their place while they wait
LARGEST_UPLOAD = int(LARGEST_MB * 1.1e6)  # bytes; a little more, so that the reader of files says what is allowed
CACHE_SECONDS = (3600, KEPT_SECONDS)  # how often Gradio clears its copies of files, and how old those are that go


def build_page(runner: JobRunner) -> gr.Blocks:
    """Builds the page and the API, ready for `launch(**launch_options(runner))`."""
    log_without_text()
    remove_unfinished_uploads()
    forget_unheard()
    wait_for_own_server()
    weights = runner.engines.beat.weights
    with gr.Blocks(title="Typebeat", analytics_enabled=False, delete_cache=CACHE_SECONDS) as blocks:
        masthead = gr.HTML(html.masthead(runner.engines.notices), padding=False, js_on_load=None)
        with gr.Tabs(elem_id="tabs"):
            with gr.Tab("Make a beat", id="beat"):
                form = build_beat_tab(blocks, runner)
            with gr.Tab("Beat to MIDI", id="midi"):
                build_midi_tab(runner)
            with gr.Tab("Cover", id="cover"):
                build_cover_tab(runner)
            with gr.Tab("About", id="about"):
                build_about_tab(runner.engines)
            with gr.Tab("Settings", id="settings"):
                foot = gr.HTML(html.footnotes(weights, DISCLAIMER), padding=False, js_on_load=None, render=False)
                build_settings_tab(runner, form, foot)
        foot.render()
        blocks.load(None, js="() => typebeat.atLoad()")
        if elsewhere := runner.elsewhere:  # what is wrong there changes while the page runs

            def notices() -> str:
                return html.masthead((*runner.engines.notices, *elsewhere.trouble()))

            blocks.load(notices, None, masthead, queue=False, **PRIVATE)
        add_api(runner)
    if runner.elsewhere:  # its own line limits what comes in
        return blocks.queue(max_size=None, default_concurrency_limit=None)
    return blocks.queue(max_size=8 * QUEUE_LENGTH, default_concurrency_limit=4 * QUEUE_LENGTH)


def serve(runner: JobRunner, *, inbrowser: bool) -> None:
    """Serves the page until it is interrupted or told to end; then stops every job and leaves nothing behind."""
    start_log()
    allow_many_files()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # on an interruption Gradio closes its server
    try:
        build_page(runner).launch(**launch_options(runner), inbrowser=inbrowser)
    finally:
        runner.close()


def launch_options(runner: JobRunner) -> dict[str, Any]:
    """Returns the options of `launch`; nothing in them comes from another host.

    Gradio's run history is off: it records public endpoints only, and the page's own events are private. The page's
    shelf remembers beats instead.
    """
    return {
        "app_kwargs": {"routes": routes(runner, with_metrics=read_settings().metrics)},
        "theme": theme.theme(),
        "head": theme.head(),
        "css": theme.css(),
        "favicon_path": str(theme.ASSETS / "favicon.svg"),
        "allowed_paths": [str(runner.folders), str(SAMPLES)],
        "footer_links": ["api", "settings"],
        "mcp_server": True,
        "show_error": True,  # else Gradio's own refusals, as of too few values, reach programs as null
        "run_history": False,
        "max_file_size": LARGEST_UPLOAD,
        "max_threads": OWN_EVENTS + sum(queue.most for queue in runner.queues.values()),
        "ssr_mode": False,
    }
