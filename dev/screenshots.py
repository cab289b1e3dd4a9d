"""Pictures for the documentation: python dev/screenshots.py DATABASE FOLDER night|desk

DATABASE is newly made with demo data, and used up. ``night``: one night of dunning goes through it, from the proposal
to the printed letter, and the pictures are taken on the way. ``desk``: the six months of the demo are played, and
then a collector looks at the desk. What was started is stopped at the end.
"""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from browser import Browser, save_png
from demo import CONTINUE, DESK, MAIL_QUEUE, NIGHTLY, play_history, prepare, trigger
from PIL import Image

import odoo.api
from odoo.modules.registry import Registry
from odoo.tools import config

DEV = Path(__file__).parent
LOG = DEV.parent / "build" / "log" / "screenshots.log"
HTTP_PORT, SMTP_PORT = os.environ["HTTP_PORT"], os.environ["SMTP_PORT"]
URL = f"http://localhost:{HTTP_PORT}"
ODOO_OPTIONS = ("--http-port", HTTP_PORT, "--smtp-port", SMTP_PORT, "--log-level=warn", "--max-cron-threads=0")
CHUNK = 12  # so few notices are issued at a time that a run can be seen at work
DIALOG = ".modal.o_technical_modal, .modal:not(.o_inactive_modal)"


def main(database, folder, part):
    Path(folder).mkdir(parents=True, exist_ok=True)
    config.parse_config(["-c", os.environ["ODOO_RC"], "-d", database, *ODOO_OPTIONS])
    with contextlib.ExitStack() as stack:
        mails = stack.enter_context(tempfile.TemporaryDirectory(prefix="dunning_mails."))
        stack.enter_context(serve(SMTP_PORT, str(DEV / "smtp_sink.py"), SMTP_PORT, mails))
        stack.enter_context(
            serve(HTTP_PORT, "-m", "odoo", "-d", database, "--db-filter", f"^{database}$", *ODOO_OPTIONS)
        )
        cr = stack.enter_context(Registry(database).cursor())
        browser = stack.enter_context(Browser())
        env = odoo.api.Environment(cr, odoo.SUPERUSER_ID, {"lang": "en_US"})
        {"night": Story, "desk": Desk}[part](env, browser, Path(folder)).tell()


@contextlib.contextmanager
def serve(port, *arguments):
    """Run Python with ``arguments`` as long as the block lasts, from when it listens on ``port``."""
    if listening(port):
        sys.exit(f"Port {port} is taken: set HTTP_PORT or SMTP_PORT.")
    with LOG.open("a") as log:
        process = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        while not listening(port):
            if process.poll() is not None:
                sys.exit(f"Nothing listens on port {port}; the log is {os.path.relpath(LOG)}")
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


def listening(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", int(port)), timeout=1):
        return True
    return False


class Story:
    """What happens, and what is pictured of it."""

    def __init__(self, env, browser, folder):
        self.env = env
        self.browser = browser
        self.folder = folder

    def tell(self):
        self.log_in()
        self.propose()
        self.show_review()
        self.issue()
        self.show_letters()
        self.collect()
        self.show_customer()
        self.show_configuration()

    # the course of events

    def log_in(self, login="admin"):
        self.env["ir.config_parameter"].set_param("web.base.url", URL)
        self.env.cr.commit()
        self.browser.open(f"{URL}/web/login", "input[name=login]")
        self.browser.fill("input[name=login]", login)
        self.browser.fill("input[name=password]", login)
        self.browser.click(".oe_login_form button[type=submit]")
        self.browser.wait(".o_main_navbar")

    def propose(self):
        """The night comes, and leaves its proposals for review."""
        trigger(self.env, NIGHTLY)
        trigger(self.env, CONTINUE)
        self.run = self.env["account.dunning.run"].search(
            [("nightly", "=", True), ("company_id", "=", self.env.company.id)], limit=1
        )
        self.notices = self.run.notice_ids

    def issue(self):
        """A manager issues all but the last levels of the types; the first notices leave."""
        from odoo.addons.account_dunning.models.notice import issuing

        issuing.ISSUE_CHUNK = CHUNK
        last = self.notices.type_id.mapped(lambda dunning_type: dunning_type.level_ids.sorted("days")[-1:])
        self.notices.filtered(lambda notice: notice.level_id not in last).action_issue()
        self.env.cr.commit()
        for _chunk in range(2):
            self.env["account.dunning.run"]._continue_next()
            self.env.cr.commit()
        self.show("run", f"dunning-runs/{self.run.id}", ".o_dunning_progress")
        trigger(self.env, CONTINUE)
        trigger(self.env, MAIL_QUEUE)

    def collect(self):
        """The letters are printed, the plans open."""
        self.notices.filtered(lambda notice: notice.state == "to_print")._confirm_printed()
        self.env.cr.commit()
        plans = self.env["account.collection.plan"].search([("state", "=", "ongoing")])
        plan = self.pick(plans, lambda plan: (len(plan.item_state_ids), plan.level_id.days))
        self.show("plans", "collection-plans", ".o_list_view .o_data_row")
        self.show("plan", f"collection-plans/{plan.id}", ".o_form_view .o_dunning_timeline")
        self.browser.click("button[name=action_pause]")
        self.browser.wait(f"{DIALOG} button[name=action_apply]")
        self.take("pause")
        self.show("upcoming", "upcoming-notices", ".o_list_view .o_group_header, .o_list_view .o_data_row")
        self.show("invoice", f"customer-invoices/{plan.move_id.id}", ".o_form_view .alert")

    # pictures

    def show_review(self):
        notice = self.pick(self.notices, lambda notice: notice.line_count)
        self.browser.open(f"{URL}/odoo/dunning-runs/{self.run.id}", ".o_form_view")
        self.browser.click("button[name=action_open_notices]")
        self.browser.wait(".o_list_view .o_data_row")
        self.take("review")
        self.browser.click(".o_breadcrumb a, .o_back_button a, .breadcrumb-item a", self.run.name)
        self.browser.click("button[name=action_open_skipped]")
        self.browser.wait(".o_list_view .o_group_header")
        self.unfold_groups()
        self.take("left_out")
        self.show("notice", f"dunning-notices/{notice.id}", ".o_form_view .o_data_row")

    def show_letters(self):
        self.show("runs", "dunning-runs", ".o_list_view .o_data_row")
        self.browser.open(f"{URL}/odoo/dunning-runs/{self.run.id}", ".o_form_view")
        self.browser.click("button[name=action_print]")
        self.browser.wait(f"{DIALOG} button[name=action_confirm]")
        self.take("print")
        letters = self.notices.filtered(lambda notice: notice.state == "to_print" and notice.lang == "en_US")
        letter = self.pick(letters, lambda notice: notice.line_count)
        self.take_pdf("letter", letter.attachment_id.raw)

    def show_customer(self):
        """A customer with several items about which there is something to say, and Why? on them."""
        items = self.env["account.dunning.item"].search([])
        customers = self.env["account.collection.plan"].search([("state", "=", "ongoing")]).partner_id
        overdue = {partner: len(items.filtered(lambda i, p=partner: i.partner_id == p)) for partner in customers}
        customer = self.pick(customers, overdue.get)
        self.browser.open(f"{URL}/odoo/customers/{customer.id}", ".o_form_view .nav-link[name=accounting]")
        self.browser.click(".nav-link[name=accounting]")
        self.browser.wait("button[name=action_dunning_why]")
        self.take("customer")
        self.browser.click("button[name=action_dunning_why]")
        self.browser.wait(f"{DIALOG} .o_data_row")
        self.take("why")

    def show_configuration(self):
        dunning_type = self.env.ref("account_dunning.type_key_accounts")
        self.show("type", f"dunning-types/{dunning_type.id}", ".o_form_view .o_data_row")
        self.browser.click(".o_data_row td[name=name]", dunning_type.level_ids[1].name)
        self.browser.wait(f"{DIALOG} .o_form_view")
        self.take("level")
        self.show("settings", "dunning-settings", ".o_form_view .o_setting_box")

    def show(self, name, path, selector):
        """The picture of a page of the web client."""
        self.browser.open(f"{URL}/odoo/{path}", selector)
        self.take(name)

    def take(self, name):
        self.browser.picture(self.folder / f"{name}.png")
        print(name, flush=True)

    def take_pdf(self, name, content):
        """The picture of the first page of a PDF."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "letter.pdf"
            source.write_bytes(content)
            options = ("-png", "-r", "100", "-singlefile")
            subprocess.run(["pdftoppm", *options, source, source.with_suffix("")], check=True)
            save_png(Image.open(source.with_suffix(".png")), self.folder / f"{name}.png")
        print(name, flush=True)

    def unfold_groups(self):
        """Unfold the groups of a list, one after the other."""
        while self.browser.run("!!document.querySelector('.o_group_header:not(.o_group_open)')"):
            self.browser.click(".o_group_header:not(.o_group_open) .o_group_name")
            self.browser.wait(".o_list_view")

    @staticmethod
    def pick(records, weight):
        """The record with the greatest weight, the first of several."""
        return max(records.sorted("id"), key=weight)


class Desk(Story):
    """What a collector sees in the morning."""

    def tell(self):
        prepare(self.env, URL)
        play_history(self.env)
        for job in (NIGHTLY, CONTINUE, MAIL_QUEUE, DESK):
            trigger(self.env, job)
        self.log_in("collector")
        self.browser.wait(".o_list_view .o_data_row")
        self.take("desk")
        self.show("dashboard", "collections-dashboard", ".o_dunning_dashboard canvas")
        self.browser.open(f"{URL}/odoo", ".o_list_view .o_data_row")
        self.browser.click(".o_data_row td[name=partner_id]")
        self.browser.wait(".o_form_view .o_dunning_ageing")
        self.take("case")
        self.browser.click("button[name=action_log_call]")
        self.browser.click(f"{DIALOG} .o_selection_badge", "Promises to pay")
        self.browser.wait(f"{DIALOG} .o_data_row")
        self.take("log")


if __name__ == "__main__":
    main(*sys.argv[1:])
