from collections import defaultdict


class NoticeTrace:
    """Who issued, printed, excluded and cancelled notices, and what the invoices tell of them; in sets."""

    __slots__ = ()

    def _queue_by_person(self):
        """A person issues the notices, or issues them once more."""
        self.sudo().tries = 0  # who may was checked by the button
        self._note_work(lambda count: self.env._("%(count)s notices issued", count=count))
        self._queue(self.env.user)

    def _cancel_by_person(self, reason):
        """A person cancels the notices, for a ``reason`` in words."""
        self._note_ended(self.env._("Cancelled: %(reason)s", reason=reason))
        self._cancel(reason)

    def _note_printed(self):
        """A person has printed the letters."""
        self.write({"printed_by_id": self.env.uid})
        self._note_work(lambda count: self.env._("%(count)s letters printed", count=count))

    def _note_ended(self, message):
        """A person has excluded or cancelled the notices; ``message`` says it."""
        self.write({"ended_by_id": self.env.uid})
        if self:
            self._message_log_batch(bodies=dict.fromkeys(self.ids, message))

    def _note_work(self, get_text):
        """Note that a person did something with the notices, where their work is told. Hook.

        :param get_text: gives the note (a text) for a number of notices
        """

    def _get_timeline_entry(self, lines):
        """What a timeline says of the notice, for its ``lines`` on one plan or invoice; see ``_get_past_entries``."""
        self.ensure_one()
        documents = dict(self._fields["document"]._description_selection(self.env))
        undone = self.state != "sent"
        detail = f"{self.name or ''} {documents[self.document]}".strip()
        if undone:
            detail = self.env._("%(notice)s, undone: %(why)s", notice=detail, why=self.cancel_reason or "")
        title = (lines[:1].level_id or self.level_id).name
        return {"date": self.sent_on or self.date, "title": title, "detail": detail, "undone": undone}

    def _tell_invoices(self, text):
        """Note ``text`` about each notice (placeholders ``notice`` and ``level``) in the chatter of its invoices.

        Whoever looks at the invoice sees what the customer was sent; of a notice without document there is nothing.
        """
        bodies = defaultdict(list)
        for notice in self.filtered(lambda notice: notice.document != "none"):
            for line in notice.line_ids.filtered("move_id"):
                level = line.level_id.name or notice.level_id.name
                bodies[line.move_id.id].append(text % {"notice": notice.name or "", "level": level})
        if bodies:
            moves = self.env["account.move"].sudo().browse(bodies)  # invoices of branches, too
            moves._message_log_batch(bodies={key: "\n".join(dict.fromkeys(texts)) for key, texts in bodies.items()})

    def _note_on_plans(self, body):
        """Log a note on the notices and on their plans."""
        self._message_log_batch(bodies=dict.fromkeys(self.ids, body))
        self.line_ids.plan_id._note(body)
