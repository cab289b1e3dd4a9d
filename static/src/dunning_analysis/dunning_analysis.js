import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {PivotRenderer} from "@web/views/pivot/pivot_renderer";
import {graphView} from "@web/views/graph/graph_view";
import {pivotView} from "@web/views/pivot/pivot_view";
import {registry} from "@web/core/registry";

/**
 * Each row of the analysis has one measure of its own, the others are zero. A click on a figure opens the rows that make
 * it up, and none of the others in the same group.
 *
 * @param {Array} domain of the group
 * @param {String} measure name of the field
 * @returns {Array}
 */
export function restrictToMeasure(domain, measure) {
    return /^(amount|plans)_/.test(measure) ? [...domain, [measure, "!=", 0]] : domain;
}

export class DunningAnalysisPivotRenderer extends PivotRenderer {
    onOpenView(cell) {
        this.clickedMeasure = cell.measure;
        return super.onOpenView(...arguments);
    }
    openView(domain, ...rest) {
        return super.openView(restrictToMeasure(domain, this.clickedMeasure), ...rest);
    }
}

export class DunningAnalysisGraphRenderer extends GraphRenderer {
    openView(domain, ...rest) {
        return super.openView(restrictToMeasure(domain, this.model.metaData.measure), ...rest);
    }
}

registry.category("views").add("dunning_analysis_pivot", {
    ...pivotView,
    Renderer: DunningAnalysisPivotRenderer,
});
registry.category("views").add("dunning_analysis_graph", {
    ...graphView,
    Renderer: DunningAnalysisGraphRenderer,
});
