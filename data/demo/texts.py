"""The texts of the levels in German and French: by type and days after due, then by language.

Each text has as many paragraphs as the English one, because Odoo translates HTML paragraph by paragraph.
"""

DE_END = "<p>Mit freundlichen Grüßen<br/>{company}</p>"
FR_END = "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.<br/>{company}</p>"

# Name, text above the table, text below it.
TRANSLATIONS = {
    ("account_dunning.type_standard", 7): {
        "de_DE": (
            "Zahlungserinnerung",
            "<p>Sehr geehrte Damen und Herren,</p><p>nach unseren Unterlagen sind die unten genannten Posten noch "
            "offen. Vielleicht ist es Ihrer Aufmerksamkeit entgangen: Bitte zahlen Sie {total} bis zum {deadline}.</p>",
            "<p>Sollte sich Ihre Zahlung mit diesem Schreiben gekreuzt haben, betrachten Sie es bitte als "
            "gegenstandslos. Vielen Dank.</p>" + DE_END,
        ),
        "fr_FR": (
            "Rappel de paiement",
            "<p>Madame, Monsieur,</p><p>sauf erreur de notre part, les pièces ci-dessous restent impayées. Il s’agit "
            "sans doute d’un oubli : nous vous prions de régler {total} avant le {deadline}.</p>",
            "<p>Si votre règlement nous est déjà parvenu, veuillez ne pas tenir compte de cette lettre.</p>" + FR_END,
        ),
    },
    ("account_dunning.type_standard", 21): {
        "de_DE": (
            "Zweite Mahnung",
            "<p>Sehr geehrte Damen und Herren,</p><p>zu den unten genannten Posten, von denen der älteste am "
            "{oldest_due_date} fällig war, haben wir Ihnen bereits geschrieben. Leider ist bis heute keine Zahlung "
            "eingegangen. Bitte zahlen Sie {total} bis zum {deadline}, oder sagen Sie uns, was dem entgegensteht.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Deuxième rappel",
            "<p>Madame, Monsieur,</p><p>nous vous avons déjà écrit au sujet des pièces ci-dessous, dont la plus "
            "ancienne était échue le {oldest_due_date}. Votre règlement ne nous est pas encore parvenu. Nous vous "
            "prions de régler {total} avant le {deadline}, ou de nous dire ce qui s’y oppose.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_standard", 35): {
        "de_DE": (
            "Letzte Mahnung",
            "<p>Sehr geehrte Damen und Herren,</p><p>trotz unserer Mahnungen sind die unten genannten Posten noch "
            "immer unbezahlt. Dies ist unsere letzte Mahnung. Geht {total} nicht bis zum {deadline} bei uns ein, "
            "übergeben wir die Forderung ohne weiteres Schreiben zur Einziehung. Die Kosten hätten Sie zu tragen.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Dernier avis avant recouvrement",
            "<p>Madame, Monsieur,</p><p>malgré nos rappels, les pièces ci-dessous restent impayées. Ceci est notre "
            "dernier avis. Si {total} ne nous est pas parvenu le {deadline}, nous confierons la créance à un service "
            "de recouvrement sans autre avis, à vos frais.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_key_accounts", -5): {
        "de_DE": (
            "Freundlicher Hinweis",
            "<p>Sehr geehrte Damen und Herren,</p><p>nur damit es Ihnen nicht entgeht: Die unten genannten Posten "
            "werden in Kürze fällig. Falls Sie die Zahlung schon veranlasst haben, ist nichts zu tun.</p>",
            "<p>Vielen Dank für die gute Zusammenarbeit.<br/>{company}</p>",
        ),
        "fr_FR": (
            "Avis d’échéance",
            "<p>Madame, Monsieur,</p><p>pour mémoire, les pièces ci-dessous arrivent bientôt à échéance. Si le "
            "paiement est déjà prévu, vous n’avez rien à faire.</p>",
            "<p>Nous vous remercions de votre confiance.<br/>{company}</p>",
        ),
    },
    ("account_dunning.type_key_accounts", 10): {
        "de_DE": (
            "Erinnerung",
            "<p>Sehr geehrte Damen und Herren,</p><p>die unten genannten Posten haben ihr Fälligkeitsdatum "
            "überschritten. Würden Sie bitte nachsehen und veranlassen, dass uns {total} bis zum {deadline} erreicht?"
            "</p>",
            "<p>Bei Fragen zu diesen Rechnungen hilft Ihnen {collector} gerne weiter.</p>" + DE_END,
        ),
        "fr_FR": (
            "Rappel",
            "<p>Madame, Monsieur,</p><p>les pièces ci-dessous ont dépassé leur échéance. Pourriez-vous vérifier, et "
            "faire en sorte que {total} nous parvienne avant le {deadline} ?</p>",
            "<p>Pour toute question sur ces factures, {collector} se tient à votre disposition.</p>" + FR_END,
        ),
    },
    ("account_dunning.type_key_accounts", 25): {
        "de_DE": (
            "Zweite Erinnerung",
            "<p>Sehr geehrte Damen und Herren,</p><p>zu den unten genannten Posten, von denen der älteste am "
            "{oldest_due_date} fällig war, haben wir nichts von Ihnen gehört. Bitte zahlen Sie {total} bis zum "
            "{deadline}. {collector} wird Sie in den nächsten Tagen anrufen.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Deuxième rappel",
            "<p>Madame, Monsieur,</p><p>nous sommes sans nouvelles de vous au sujet des pièces ci-dessous, dont la "
            "plus ancienne était échue le {oldest_due_date}. Nous vous prions de régler {total} avant le {deadline}. "
            "{collector} vous appellera dans les prochains jours.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_key_accounts", 45): {
        "de_DE": (
            "Schreiben an die Geschäftsleitung",
            "<p>Sehr geehrte Damen und Herren,</p><p>unsere Buchhaltung hat Sie zweimal gebeten, die unten genannten "
            "Posten zu begleichen. Die Zusammenarbeit mit Ihnen ist uns wichtig, und wir möchten das persönlich mit "
            "Ihnen klären. Bis {total} bezahlt ist, können wir nur gegen Vorkasse liefern. Bitte zahlen Sie bis zum "
            "{deadline}.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Lettre à la direction",
            "<p>Madame, Monsieur,</p><p>notre service comptable vous a priés deux fois de régler les pièces "
            "ci-dessous. Nos relations nous tiennent à cœur, et nous souhaitons trouver une solution avec vous. "
            "Jusqu’au paiement de {total}, nous ne pourrons livrer que contre paiement d’avance. Merci de régler "
            "avant le {deadline}.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_no_mercy", 1): {
        "de_DE": (
            "Zahlungsaufforderung",
            "<p>Sehr geehrte Damen und Herren,</p><p>die unten genannten Posten sind überfällig. Bitte zahlen Sie "
            "{total} bis zum {deadline}.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Demande de paiement",
            "<p>Madame, Monsieur,</p><p>les pièces ci-dessous sont échues. Nous vous prions de régler {total} avant "
            "le {deadline}.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_no_mercy", 8): {
        "de_DE": (
            "Mahnung",
            "<p>Sehr geehrte Damen und Herren,</p><p>der älteste der unten genannten Posten ist seit {days_overdue} "
            "Tagen überfällig. Wir fordern Sie auf, {total} bis zum {deadline} zu zahlen.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Mise en demeure",
            "<p>Madame, Monsieur,</p><p>la plus ancienne des pièces ci-dessous est échue depuis {days_overdue} jours. "
            "Nous vous mettons en demeure de régler {total} avant le {deadline}.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_no_mercy", 15): {
        "de_DE": (
            "Letzte Mahnung",
            "<p>Sehr geehrte Damen und Herren,</p><p>Sie haben alle Fristen verstreichen lassen. Zahlen Sie {total} "
            "bis zum {deadline}. Bis dahin sind Lieferungen an Sie eingestellt.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Dernière mise en demeure",
            "<p>Madame, Monsieur,</p><p>vous avez laissé passer tous les délais. Réglez {total} avant le {deadline}. "
            "D’ici là, toute livraison est suspendue.</p>",
            FR_END,
        ),
    },
    ("account_dunning.type_no_mercy", 30): {
        "de_DE": (
            "Ankündigung gerichtlicher Schritte",
            "<p>Sehr geehrte Damen und Herren,</p><p>wird {total} nicht bis zum {deadline} unserem Konto "
            "gutgeschrieben, leiten wir ohne weitere Ankündigung gerichtliche Schritte ein. Die Kosten des Verfahrens "
            "und Verzugszinsen gehen zu Ihren Lasten.</p>",
            DE_END,
        ),
        "fr_FR": (
            "Avis avant action en justice",
            "<p>Madame, Monsieur,</p><p>si {total} n’est pas crédité sur notre compte le {deadline}, nous engagerons "
            "une action en justice sans autre avis. Les frais de procédure et les intérêts de retard seront à votre "
            "charge.</p>",
            FR_END,
        ),
    },
}
