import {patient} from "./tour_steps";
import {registry} from "@web/core/registry";

registry.category("web_tour.tours").add("account_dunning_simulation", {
    steps: () =>
        patient(
            {
                content: "Simulate the dunning type",
                trigger: "button[name=action_simulate]",
                run: "click",
            },
            {
                content: "Open its changed copy",
                trigger: ".o_field_widget[name=type_ids] .o_data_row .o_data_cell",
                run: "click",
            },
            {
                content: "The first level",
                trigger: ".modal .o_field_widget[name=level_ids] .o_data_row:first td[name=days]",
                run: "click",
            },
            {
                content: "… comes after 15 days",
                trigger: ".modal .o_field_widget[name=level_ids] .o_data_row:first td[name=days] input",
                run: "edit 15",
            },
            {
                content: "Save the copy",
                trigger: ".modal .modal-footer .o_form_button_save",
                run: "click",
            },
            {
                content: "Simulate",
                trigger: "body:not(:has(.modal)) button[name=action_start]",
                run: "click",
            },
            {
                content: "The work goes on in the background",
                trigger: ".o_dunning_progress:contains(0 %)",
            },
            {
                content: "Cancel it",
                trigger: "button[name=action_cancel]",
                run: "click",
            },
            {
                content: "It can be taken up again",
                trigger: "button[name=action_resume]",
                run: "click",
            },
            {
                content: "It is at work again",
                trigger: ".o_dunning_progress",
            },
        ),
});

registry.category("web_tour.tours").add("account_dunning_simulation_result", {
    steps: () =>
        patient(
            {
                content: "The totals of both policies",
                trigger: ".o_simulation_result td:contains(Customers first contacted)",
            },
            {
                content: "Show the rows",
                trigger: "button[name=action_open_lines]",
                run: "click",
            },
            {
                content: "The first letter comes on another day",
                trigger: ".o_list_view .o_data_row:contains(Other Day)",
            },
            {
                content: "Show them as a graph",
                trigger: ".o_switch_view.o_graph",
                run: "click",
            },
            {
                content: "The graph is drawn",
                trigger: ".o_graph_canvas_container canvas",
            },
        ),
});
