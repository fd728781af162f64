# SPDX-License-Identifier: GPL-3.0-or-later
"""German: Edits of strips and takes."""

WORDS = {
    "Go on from the strip: its end is known to the engine, the camera moves on as it moved": (
        "Den Streifen fortsetzen: sein Ende ist der Engine bekannt, die Kamera bewegt sich weiter wie bisher"
    ),
    "Extend": "Verlängern",
    "Change a part of the strip and leave all else as it is, bit for bit in the master": (
        "Einen Teil des Streifens ändern und alles andere lassen, wie es ist, im Master Bit für Bit"
    ),
    "Modify Region": "Region ändern",
    "After the End": "Nach dem Ende",
    "Go on after the last frame that is seen": "Nach dem letzten sichtbaren Frame weitermachen",
    "Before the Beginning": "Vor dem Anfang",
    "Begin earlier than the first frame that is seen": "Früher als mit dem ersten sichtbaren Frame beginnen",
    "Which end of the strip goes on": "Welches Ende des Streifens weitergeht",
    "Seconds": "Sekunden",
    "How much is added": "Wie viel hinzukommt",
    "Capture the Scene": "Szene aufnehmen",
    "Of a take of a shot in this file: follow the animated camera and the scene's own geometry": (
        "Für einen Take eines Shots dieser Datei: der animierten Kamera und der Geometrie der Szene folgen"
    ),
    "Region": "Region",
    "What says where the strip may be changed": "Was bestimmt, wo der Streifen geändert werden darf",
    "All But That": "Alles außer ihr",
    "Change the background in place of the subject": "Statt des Motivs den Hintergrund ändern",
    "Painted Frame": "Gemalter Frame",
    "The current frame with the change painted in, for the built-in engine and Wan VACE": (
        "Der aktuelle Frame, in den die Änderung gemalt ist, für die eingebaute Engine und Wan VACE"
    ),
    "How far it may go from the strip": "Wie weit es sich vom Streifen entfernen darf",
    "Shot's Region": "Region des Shots",
    "The object, material or collection that the take's shot names as its region": (
        "Das Objekt, das Material oder die Sammlung, die der Shot des Takes als Region nennt"
    ),
    "Fill the gap between the two selected strips: the end of one and the beginning of the other are known": (
        "Die Lücke zwischen den beiden gewählten Streifen füllen: das Ende des einen und der Anfang des anderen "
        "sind bekannt"
    ),
    "Bridge Gap": "Lücke überbrücken",
    "Let the first of the two selected strips dissolve into the second one, over frames that both have": (
        "Den ersten der beiden gewählten Streifen in den zweiten überblenden, über Frames, die beide haben"
    ),
    "Cross-Dissolve": "Kreuzblende",
    "Make one clip of the selected strips as they follow each other, on the channel above; where they overlap, one "
    "dissolves into the next": (
        "Aus den gewählten Streifen, wie sie aufeinander folgen, einen Clip machen, auf dem Kanal darüber; wo sie sich "
        "überlappen, geht einer in den nächsten über"
    ),
    "Stitch": "Zusammenfügen",
    "Select the movie strips that follow each other, two or more": (
        "Wählen Sie die Filmstreifen aus, die aufeinander folgen, zwei oder mehr"
    ),
    "Frames": "Frames",
    "Length of the dissolve": "Länge der Überblendung",
    "What makes it": "Was es macht",
    "What it shows, for engines that read it; empty: as it was": (
        "Was es zeigt, für Engines, die es lesen; leer: wie es war"
    ),
    "The scene is captured for one strip at a time: several go on as they moved": (
        "Die Szene wird für einen Streifen auf einmal aufgenommen: mehrere gehen weiter, wie sie sich bewegten"
    ),
    "End Comparison": "Vergleich beenden",
    "There is no gap between the two strips: move the later one to the right": (
        "Zwischen den beiden Streifen ist keine Lücke: schieben Sie den späteren nach rechts"
    ),
    "Choose an image strip": "Wählen Sie einen Bildstreifen",
    "Start the daemon first, in the 3D viewport's tab Second Unit": (
        "Starten Sie zuerst den Daemon, in der 3D-Ansicht im Reiter Second Unit"
    ),
    "Move a part of the strip or still: at a speed, along a drawn line, or swaying in its place; all else stays": (
        "Einen Teil des Streifens oder Standbilds bewegen: mit einem Tempo, entlang einer gezeichneten Linie oder "
        "am Ort schwingend; alles andere bleibt"
    ),
    "Move Part": "Teil bewegen",
    "Speed": "Geschwindigkeit",
    "Goes on in one direction": "Geht in eine Richtung weiter",
    "Drawn Line": "Gezeichnete Linie",
    "Follows the open spline of the mask, or the open stroke, over the strip's length": (
        "Folgt dem offenen Spline der Maske oder dem offenen Strich, über die Länge des Streifens"
    ),
    "Stay": "Bleiben",
    "Stays where it is, and only sways": "Bleibt, wo es ist, und schwingt nur",
    "What makes it; Parts is built in, Wan VACE invents what is uncovered": (
        "Was es macht; Parts ist eingebaut, Wan VACE erfindet, was aufgedeckt wird"
    ),
    "What says which part moves": "Was bestimmt, welcher Teil sich bewegt",
    "Goes": "Geht",
    "Where the part goes": "Wohin der Teil geht",
    "Pixels a Second": "Pixel je Sekunde",
    "Pixels a Second Right": "Pixel je Sekunde nach rechts",
    "Sway Right": "Schwingen nach rechts",
    "Right and down, in pixels of the picture": "Nach rechts und nach unten, in Pixeln des Bilds",
    "How the way begins and ends": "Wie der Weg beginnt und endet",
    "Sway": "Schwingen",
    "How far the part's middle swings to each side, right and down, pixels": (
        "Wie weit die Mitte des Teils nach jeder Seite schwingt, nach rechts und nach unten, in Pixeln"
    ),
    "Swing": "Schwingung",
    "Seconds for one swing there and back": "Sekunden für eine Schwingung hin und zurück",
    "Edit": "Bearbeiten",
    "Put away what is said of edits that are over": "Weglegen, was über beendete Bearbeitungen gesagt wird",
    "Dismiss": "Ausblenden",
    "Edits need the daemon: start it in the 3D viewport, tab Second Unit": (
        "Bearbeitungen brauchen den Daemon: starten Sie ihn in der 3D-Ansicht, Reiter Second Unit"
    ),
    "A grey picture or clip: white is the region": "Ein graues Bild oder ein grauer Clip: Weiß ist die Region",
    "Mask": "Maske",
    "The closed splines of a mask data-block, animated ones too": (
        "Die geschlossenen Splines eines Masken-Datenblocks, auch animierte"
    ),
    "Grease Pencil": "Grease Pencil",
    "The closed strokes of a grease pencil object in the camera's view on this frame": (
        "Die geschlossenen Striche eines Grease-Pencil-Objekts in der Sicht der Kamera bei diesem Frame"
    ),
    "Grey picture or clip of the strip's frames": "Graues Bild oder grauer Clip der Frames des Streifens",
    "Its closed splines are the region": "Ihre geschlossenen Splines sind die Region",
    "Drawing": "Zeichnung",
    "Grease pencil object whose closed strokes are the region": (
        "Grease-Pencil-Objekt, dessen geschlossene Striche die Region sind"
    ),
    "Drawn on This Frame": "Auf diesem Frame gezeichnet",
    "The mask was drawn on the current frame; of a take it follows the surfaces from there": (
        "Die Maske wurde auf dem aktuellen Frame gezeichnet; bei einem Take folgt sie von dort den Oberflächen"
    ),
    "Capture the scene for an edit of a take, and have the daemon make it": (
        "Die Szene für die Bearbeitung eines Takes aufnehmen und sie vom Daemon machen lassen"
    ),
    "Capture for an Edit": "Für Bearbeitung aufnehmen",
    "A shot is being captured: wait for it or cancel it": (
        "Ein Shot wird gerade aufgenommen: warten Sie oder brechen Sie ihn ab"
    ),
    "Make a clip of the still: a camera moves over it, and models make its subject move as the prompt says": (
        "Aus dem Standbild einen Clip machen: eine Kamera bewegt sich darüber, und Modelle bewegen das Motiv, wie "
        "der Prompt es sagt"
    ),
    "Still to Video": "Standbild zu Video",
    "Make a clip of words at the playhead, with a camera move over level ground or without": (
        "An der Abspielposition aus Worten einen Clip machen, mit einer Kamerafahrt über ebenem Boden oder ohne"
    ),
    "Text to Video": "Text zu Video",
    "Text Strips to Video": "Textstreifen zu Video",
    "Of Text Strips": "Von Textstreifen",
    "Make a clip of each selected text strip, where it lies and as long as it is; the prompt is added": (
        "Aus jedem gewählten Textstreifen einen Clip machen, wo er liegt und so lang er ist; der Prompt kommt hinzu"
    ),
    "Words": "Worte",
    "What a clip of words shows that is made at the playhead": (
        "Was ein Clip aus Worten zeigt, der an der Abspielposition gemacht wird"
    ),
    "What a clip at the playhead shows": "Was ein Clip an der Abspielposition zeigt",
    "Without a dialog, with the settings of the last time": "Ohne Dialog, mit den Einstellungen vom letzten Mal",
    "What makes it, of those that read words": "Was es macht, von denen, die Worte lesen",
    "No Model": "Kein Modell",
    "None of this daemon's makes clips of words": "Keines dieses Daemons macht Clips aus Worten",
    "No model of this daemon makes clips of words: fetch one in the 3D viewport, panel Models": (
        "Kein Modell dieses Daemons macht Clips aus Worten: holen Sie eines in der 3D-Ansicht, Panel Modelle"
    ),
    "Dome": "Kuppel",
    "The picture is on the inside of a sphere: for views that are far away": (
        "Das Bild liegt auf der Innenseite einer Kugel: für ferne Ansichten"
    ),
    "Card": "Karte",
    "The picture is a flat card: for drawings and titles": "Das Bild ist eine flache Karte: für Zeichnungen und Titel",
    "Set Amount": "Betrag festlegen",
    "Say how far it goes; else a usual amount": "Sagen, wie weit es geht; sonst ein üblicher Betrag",
    "Amount": "Betrag",
    "Degrees for turns, metres for ways, a factor for a zoom": (
        "Grad für Drehungen, Meter für Wege, ein Faktor für einen Zoom"
    ),
    "Length of the clip": "Länge des Clips",
    "Length of the clip; 0: as long as the strip is": "Länge des Clips; 0: so lang wie der Streifen",
    "Layout": "Aufbau",
    "What the picture is on": "Worauf das Bild liegt",
    "Metres to the picture": "Meter bis zum Bild",
    "Scene's Camera": "Kamera der Szene",
    "Follow the animated camera of the shot, or of the scene where there is none": (
        "Der animierten Kamera des Shots folgen, ohne Shot der der Szene"
    ),
    "For models that follow depth: Wan VACE, LTX-2 …": "Für Modelle, die Tiefe folgen: Wan VACE, LTX-2 …",
    "Make the take again with other words, seed, style, quality or engine; nothing that is the same is sent again": (
        "Den Take noch einmal machen, mit anderen Worten, anderem Startwert, Stil, anderer Qualität oder Engine; "
        "was gleich ist, wird nicht noch einmal gesendet"
    ),
    "Draw the strip in another look, by words or like a picture; its motion stays, of a take exactly": (
        "Den Streifen in einem anderen Stil zeichnen, nach Worten oder wie ein Bild; seine Bewegung bleibt, bei einem "
        "Take exakt"
    ),
    "Restyle": "Umstilisieren",
    "The look in words, such as: watercolour, pencil drawing, comic": (
        "Der Stil in Worten, auf Englisch, etwa: watercolour, pencil drawing, comic"
    ),
    "A picture whose look the strip is to have, in place of words": (
        "Ein Bild, dessen Stil der Streifen haben soll, statt der Worte"
    ),
    "0 leaves the strip as it is": "0 lässt den Streifen, wie er ist",
    "Exact Motion": "Exakte Bewegung",
    "Carry a take's look along its shot's own motion; else motion is estimated from the pictures": (
        "Den Stil eines Takes entlang der Bewegung seines Shots tragen; sonst wird sie aus den Bildern geschätzt"
    ),
    "Remix": "Neu mischen",
    "Make some frames of the strip anew: those before and after them are known, and stay": (
        "Einige Frames des Streifens neu machen: die davor und danach sind bekannt und bleiben"
    ),
    "Retake Section": "Abschnitt neu machen",
    "First scene frame that is made anew": "Erster Frame der Szene, der neu gemacht wird",
    "Last scene frame that is made anew": "Letzter Frame der Szene, der neu gemacht wird",
    "Make the take once more with a new seed, and all else as it was": (
        "Den Take noch einmal machen, mit neuem Seed und sonst wie er war"
    ),
    "Another Take": "Noch ein Take",
    "The engine that made the take reads no seed: it would be the same again": (
        "Die Engine, die den Take gemacht hat, liest keinen Seed: er würde wieder derselbe"
    ),
    "Make the draft again at full quality, from the same seed and plan; the take says how alike the two are": (
        "Den Entwurf in voller Qualität noch einmal machen, mit gleichem Startwert und Plan; der Take sagt, wie "
        "ähnlich sich beide sind"
    ),
    "Make Final": "Endfassung machen",
    "Job of the take": "Auftrag des Takes",
    "Same Engine": "Gleiche Engine",
    "The engine that made the take": "Die Engine, die den Take gemacht hat",
    "Style": "Stil",
    "How it looks; empty: as it was": "Wie es aussieht; leer: wie es war",
    "New Seed": "Neuer Startwert",
    "Another seed than the take's": "Ein anderer Startwert als der des Takes",
    "The same seed and shot give the same clip": "Gleicher Startwert und gleicher Shot ergeben den gleichen Clip",
    "Quality": "Qualität",
    "Time spent against what comes of it": "Zeitaufwand gegen Ergebnis",
    "Choose a take, in the list or on the timeline": "Wählen Sie einen Take, in der Liste oder auf der Zeitleiste",
    "As It Was": "Wie es war",
    "The take's own": "Das Eigene des Takes",
    "Choose a movie or an image strip, or make a movie with Render to Movie": (
        "Wählen Sie einen Film- oder Bildstreifen, oder machen Sie mit Zu Film rendern einen Film"
    ),
    "Choose a strip with a picture": "Wählen Sie einen Streifen mit Bild",
    "Edits, Finish and Sound work on movies: render this strip to one": (
        "Bearbeitungen, Fertigstellen und Ton brauchen Filme: rendern Sie diesen Streifen zu einem"
    ),
    "Select the two movie strips that are to meet": (
        "Wählen Sie die beiden Filmstreifen aus, die aneinander anschließen sollen"
    ),
    "Morph": "Morph",
    "Built in": "Eingebaut",
    "What makes it, of those that go from one clip to another": (
        "Was es macht, von denen, die von einem Clip zum anderen führen"
    ),
    "Choose a movie strip, or make one with Render to Movie": (
        "Wählen Sie einen Filmstreifen, oder machen Sie mit Zu Film rendern einen"
    ),
    "The take that this strip shows is not in this file's list": (
        "Der Take, den dieser Streifen zeigt, steht nicht in der Liste dieser Datei"
    ),
    "This strip shows no take: choose one that Shoot or an edit has made": (
        "Dieser Streifen zeigt keinen Take: wählen Sie einen, den Drehen oder eine Bearbeitung gemacht hat"
    ),
    "The engine that made the take knows no quality: it would be the same again": (
        "Die Engine, die den Take gemacht hat, kennt keine Qualität: er würde wieder derselbe"
    ),
    "White is the region": "Weiß ist der Bereich",
}
