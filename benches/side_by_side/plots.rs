//! The figures as pictures.

use std::path::Path;

use hdrhistogram::Histogram;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::latency::{Latency, at};

/// One bar.
pub struct Bar {
    pub name: &'static str,
    pub value: f64,
    /// Ours stand out.
    pub ours: bool,
}

const OURS: RGBColor = RGBColor(0xd9, 0x5f, 0x02);
const OTHERS: RGBColor = RGBColor(0x7a, 0x8c, 0x9e);
const INK: RGBColor = RGBColor(0x22, 0x22, 0x22);
const FAINT: RGBColor = RGBColor(0x5a, 0x64, 0x6e);
const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
const FONT: &str = "sans-serif";

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// Bars in groups, each group with a title and a scale of its own below the one before it.
pub fn bars(path: &Path, title: &str, groups: &[(&str, Vec<Bar>)], caption: &[String]) -> Result<(), String> {
    draw_bars(path, title, groups, caption).map_err(|error| format!("{}: {error}", path.display()))
}

/// Latency by percentile, with and without livegate.
pub fn latency(path: &Path, latency: &Latency, caption: &[String]) -> Result<(), String> {
    draw_latency(path, latency, caption).map_err(|error| format!("{}: {error}", path.display()))
}

const WIDTH: i32 = 860;
/// Where bars begin: names stand left of it.
const LEFT: i32 = 270;
const RIGHT: i32 = WIDTH - 110;
const BAR: i32 = 24;
const STEP: i32 = 34;

fn draw_bars(path: &Path, title: &str, groups: &[(&str, Vec<Bar>)], caption: &[String]) -> Drawn {
    let lines = |count: usize| i32::try_from(count).unwrap_or(0);
    let bars = groups.iter().map(|(_, bars)| lines(bars.len())).sum::<i32>();
    let height = 60 + lines(groups.len()) * 52 + bars * STEP + lines(caption.len()) * 18 + 14;
    let area = SVGBackend::new(path, (WIDTH.cast_unsigned(), height.cast_unsigned())).into_drawing_area();
    area.fill(&WHITE)?;
    let text = |text: &str, size: i32, colour: RGBColor, (x, y): (i32, i32), to: HPos| {
        let style = TextStyle::from((FONT, size).into_font()).color(&colour).pos(Pos::new(to, VPos::Center));
        area.draw_text(text, &style, (x, y))
    };
    text(title, 23, INK, (20, 28), HPos::Left)?;
    let longest = groups.iter().flat_map(|(_, bars)| bars).map(|bar| bar.value).fold(0.0, f64::max);
    let mut y = 60;
    for (group, bars) in groups {
        text(group, 18, INK, (20, y + 12), HPos::Left)?;
        y += 34;
        for bar in bars {
            let colour = if bar.ours { OURS } else { OTHERS };
            #[expect(clippy::cast_possible_truncation, reason = "a place in a picture")]
            let end = LEFT + (f64::from(RIGHT - LEFT) * bar.value / longest).round() as i32;
            area.draw(&Rectangle::new([(LEFT, y), (end, y + BAR)], colour.filled()))?;
            text(bar.name, 16, INK, (LEFT - 10, y + BAR / 2), HPos::Right)?;
            text(&format!("{:.1} µs", bar.value), 16, INK, (end + 8, y + BAR / 2), HPos::Left)?;
            y += STEP;
        }
        y += 18;
    }
    for line in caption {
        text(line, 14, FAINT, (20, y + 6), HPos::Left)?;
        y += 18;
    }
    area.present()?;
    Ok(())
}

fn draw_latency(path: &Path, latency: &Latency, caption: &[String]) -> Drawn {
    let area = SVGBackend::new(path, (WIDTH.cast_unsigned(), 500)).into_drawing_area();
    area.fill(&WHITE)?;
    let (plot, below) = area.split_vertically(500 - 18 * i32::try_from(caption.len()).unwrap_or(0) - 14);
    // A percentile is drawn by how few calls are slower, in tens: 90 % at 1, 99 % at 2.
    let curve = |histogram: &Histogram<u64>| -> Vec<(f64, f64)> {
        let steps = (0..=60).map(|step| f64::from(step) / 20.0);
        steps.map(|nines| (nines, at(histogram, 100.0 - 100.0 / 10_f64.powf(nines)))).collect()
    };
    let (through, straight) = (curve(&latency.through), curve(&latency.straight));
    let highest = through.iter().chain(&straight).map(|(_, value)| *value).fold(1.0, f64::max);
    let lowest = straight.iter().map(|(_, value)| *value).fold(highest, f64::min).max(1.0);
    let title = format!(
        "Latency of a miss at {} calls per second, sent on schedule",
        crate::report::thousands(latency.per_second.round())
    );
    let mut chart = ChartBuilder::on(&plot)
        .caption(title, (FONT, 23).into_font().color(&INK))
        .margin(14)
        .x_label_area_size(46)
        .y_label_area_size(78)
        .build_cartesian_2d(0.0..3.0, (lowest * 0.7..highest * 1.5).log_scale())?;
    let percentile = |nines: &f64| format!("p{}", (1000.0 - 1000.0 / 10_f64.powf(*nines)).round() / 10.0);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style((FONT, 15).into_font().color(&INK))
        .x_labels(4)
        .x_label_formatter(&percentile)
        .y_label_formatter(&|value| format!("{} µs", crate::report::thousands(*value)))
        .x_desc("percentile of the calls")
        .y_desc("latency, counted from when the call was due")
        .draw()?;
    let lines = [
        ("through livegate", &latency.through, &latency.straight, through, OURS),
        ("straight to the ERP", &latency.straight, &latency.through, straight, OTHERS),
    ];
    for (name, histogram, other, points, colour) in lines {
        let line = LineSeries::new(points, colour.stroke_width(3));
        chart
            .draw_series(line)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(3)));
        // The two percentiles that have a target are told in figures. Lines rise to the right: above the higher one there is
        // room to the left, and below the lower one to the right.
        chart.draw_series([50.0, 99.0].map(|percentile: f64| {
            let (nines, value) = (2.0 - (100.0 - percentile).log10(), at(histogram, percentile));
            let higher = value > at(other, percentile);
            let (to, side, away) =
                if higher { (HPos::Right, VPos::Bottom, (6, -10)) } else { (HPos::Left, VPos::Top, (4, 8)) };
            let style = TextStyle::from((FONT, 15).into_font()).color(&INK).pos(Pos::new(to, side));
            let told = format!("p{percentile}: {} µs", crate::report::thousands(value.round()));
            EmptyElement::at((nines, value)) + Circle::new((0, 0), 4, colour.filled()) + Text::new(told, away, style)
        }))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .legend_area_size(34)
        .margin(14)
        .background_style(WHITE)
        .border_style(GRID)
        .label_font((FONT, 16).into_font().color(&INK))
        .draw()?;
    for (number, line) in caption.iter().enumerate() {
        let style = TextStyle::from((FONT, 14).into_font()).color(&FAINT);
        below.draw_text(line, &style, (20, 18 * i32::try_from(number).unwrap_or(0)))?;
    }
    area.present()?;
    Ok(())
}
