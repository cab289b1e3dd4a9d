import {openMenu, patient} from "./tour_steps";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("account_dunning_dashboard", {
    steps: () =>
        patient(
            openMenu("account_dunning.dunning_collections_menu", "account_dunning.account_dunning_dashboard_menu"),
            {
                content: "All is overdue: 170",
                trigger: ".o_dunning_tile[data-name=overdue]:contains(170.00)",
            },
            {
                content: "The charts are drawn",
                trigger: ".o_dunning_chart canvas",
            },
            {
                content: "Look at one collector",
                trigger: ".o_dunning_collector",
                run: "selectByIndex 1",
            },
            {
                content: "His customers owe 100: show them",
                trigger: ".o_dunning_tile[data-name=overdue]:contains(100.00)",
                run: "click",
            },
            {
                content: "One row makes up the figure",
                trigger: ".o_list_view:has(.o_data_row:count(1)) .o_data_row td[name=amount]:contains(100.00)",
            },
            {
                content: "Go back",
                trigger: ".o_back_button, .breadcrumb-item a",
                run: "click",
            },
            {
                content: "The dashboard is as it was left",
                trigger: ".o_dunning_tile[data-name=overdue]:contains(100.00)",
            },
        ),
});
