import {registry} from "@web/core/registry";
import {patient} from "./tour_steps";

const preview = ".o_field_widget[name=law_preview]";

registry.category("web_tour.tours").add("account_dunning_statutory", {
    steps: () =>
        patient(
            {content: "Its charges", trigger: ".o_notebook .nav-link[name=charges]", run: "click"},
            {
                content: "No preview where the law does not say it all",
                trigger: `.o_form_view:not(:has(${preview} strong)) .o_field_widget[name=law_mode]`,
            },
            {
                content: "As the law says: one click",
                trigger: ".o_field_widget[name=law_mode] input[data-value=statutory]",
                run: "click",
            },
            {content: "The first customer, and why not more", trigger: `${preview}:contains("Ann, INV")`},
            {content: "The amount with its rule", trigger: `${preview}:contains("BGB § 288 Abs. 5")`},
            {content: "A consumer", trigger: `${preview}:contains("Bob, INV")`},
            {content: "The third one", trigger: `${preview}:contains("Cleo, INV")`},
            {
                content: "It is not saved yet",
                trigger: ".o_form_status_indicator_buttons:not(.invisible) .o_form_button_save",
                run: "click",
            },
            {content: "Saved", trigger: ".o_action_manager:has(.o_form_status_indicator_buttons.invisible)"},
        ),
});
